/** Scores, shares and milliseconds as the tables show them. */
import { useI18n } from 'vue-i18n'

import type { Evaluation } from '@/api/types'

const NONE = '–'

export function useFigures() {
  const { locale, t } = useI18n()

  function score(value: number | null | undefined): string {
    return value == null ? NONE : value.toFixed(3)
  }
  function change(value: number): string {
    const sign = value > 0 ? '+' : value < 0 ? '−' : '±'
    return `${sign}${Math.abs(value).toFixed(3)}`
  }
  function milliseconds(value: number | null | undefined): string {
    return value == null ? NONE : t('evaluations.unit.ms', { n: new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(value) })
  }
  /** What the questions of an evaluation were made from. */
  function sourceOf(evaluation: Evaluation): string {
    const kinds = evaluation.kinds ?? []
    if (kinds.length === 0) return t('evaluations.source.set')
    return kinds.length === 4 ? t('evaluations.source.repository') : kinds.map((kind) => t(`evaluations.kind.${kind}`)).join(', ')
  }
  function titleOf(evaluation: Evaluation): string {
    return evaluation.name || sourceOf(evaluation)
  }
  return { score, change, milliseconds, sourceOf, titleOf }
}
