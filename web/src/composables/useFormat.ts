/** Numbers, times and durations as people read them. */
import { useI18n } from 'vue-i18n'

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60],
]

export function useFormat() {
  const { locale, t } = useI18n()

  function number(value: number): string {
    return new Intl.NumberFormat(locale.value).format(value)
  }

  function ago(iso: string | null | undefined): string {
    if (!iso) return ''
    const seconds = (Date.parse(iso) - Date.now()) / 1000
    const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size)
    if (!unit) return t('shared.time.now')
    return new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto', style: 'short' }).format(Math.round(seconds / unit[1]), unit[0])
  }

  function when(iso: string | null | undefined): string {
    return iso ? new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso)) : ''
  }

  /** Seconds as "0.4 s", "12 s", "3 min". */
  function duration(seconds: number): string {
    if (seconds >= 90) return t('shared.time.minutes', { n: number(Math.round(seconds / 60)) })
    const shown = seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)
    return t('shared.time.seconds', { n: number(shown) })
  }

  return { number, ago, when, duration }
}

/** Seconds between two instants; an open end means now. */
export function secondsBetween(start: string | null | undefined, end: string | null | undefined): number {
  if (!start) return 0
  return Math.max(0, ((end ? Date.parse(end) : Date.now()) - Date.parse(start)) / 1000)
}
