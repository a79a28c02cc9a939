/** File sizes in the reader's language. */
import { useI18n } from 'vue-i18n'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

export function useByteSize() {
  const { locale } = useI18n()

  return function byteSize(bytes: number): string {
    const power = Math.min(UNITS.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0)
    const format = new Intl.NumberFormat(locale.value, {
      style: 'unit',
      unit: UNITS[power],
      unitDisplay: 'short',
      maximumFractionDigits: power > 1 ? 1 : 0,
    })
    return format.format(bytes / 1000 ** power)
  }
}
