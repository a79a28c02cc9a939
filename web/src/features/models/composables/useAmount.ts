/** Amounts as people read them: whole tokens, and costs as small as those of single questions. */
import { useI18n } from 'vue-i18n'

const SMALL = 1

export function useAmount() {
  const { locale } = useI18n()

  function amount(value: number, unit: 'cost' | 'tokens' | 'requests'): string {
    const digits = unit !== 'cost' ? 0 : Math.abs(value) < SMALL ? 4 : 2
    return new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }).format(value)
  }

  return { amount }
}
