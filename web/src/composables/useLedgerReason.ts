/** Why a file was set aside, in the reader's language; what the ledger adds after the code stays as it is. */
import { useI18n } from 'vue-i18n'

interface LedgerEntry {
  reason?: string | null
  message?: string | null
}

export function useLedgerReason() {
  const { t, te } = useI18n()

  return function reasonOf({ reason, message }: LedgerEntry): string {
    const [code = '', ...more] = (reason ?? '').split(': ')
    const key = `ledger.reason.${code}`
    if (!code || !te(key)) return message ?? reason ?? ''
    return more.length > 0 ? `${t(key)} (${more.join(': ')})` : t(key)
  }
}
