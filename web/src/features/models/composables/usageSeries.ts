/** Usage rows as bars over time: one bar for each day or hour, one colour for each of the largest groups. */
import type { UsageFigures, UsageGroup } from '@/api/types'

export type Measure = 'cost' | 'tokens' | 'requests'
export type Step = 'day' | 'hour'

export interface Bar {
  at: string
  /** From the largest group on, in the order of ``names``. */
  parts: number[]
  total: number
}

export interface Series {
  names: string[]
  bars: Bar[]
  highest: number
}

export const OTHERS = '\u2026'
const MOST_GROUPS = 5
const MS: Record<Step, number> = { day: 86_400_000, hour: 3_600_000 }

export function measured(figures: UsageFigures, measure: Measure): number {
  return measure === 'tokens' ? figures.prompt_tokens + figures.completion_tokens : figures[measure]
}

/** Every day or hour from start to end, by UTC, also those without any usage. */
function moments(start: string, end: string, step: Step): string[] {
  const found: string[] = []
  const last = Date.parse(end)
  for (let at = Math.floor(Date.parse(start) / MS[step]) * MS[step]; at < last; at += MS[step]) {
    const iso = new Date(at).toISOString()
    found.push(step === 'day' ? iso.slice(0, 10) : `${iso.slice(0, 13)}:00Z`)
  }
  return found
}

export function seriesOf(items: readonly UsageGroup[], span: { start: string; end: string }, step: Step, by: string, measure: Measure): Series {
  const totals = new Map<string, number>()
  for (const item of items) totals.set(item.group[by] ?? '', (totals.get(item.group[by] ?? '') ?? 0) + measured(item, measure))
  const ranked = [...totals].filter(([, total]) => total > 0).sort(([, left], [, right]) => right - left).map(([name]) => name)
  const names = ranked.length > MOST_GROUPS + 1 ? [...ranked.slice(0, MOST_GROUPS), OTHERS] : ranked
  const bars = new Map(moments(span.start, span.end, step).map((at): [string, Bar] => [at, { at, parts: names.map(() => 0), total: 0 }]))
  for (const item of items) {
    const bar = bars.get(item.group[step] ?? '')
    const place = names.indexOf(item.group[by] ?? '')
    const value = measured(item, measure)
    if (!bar || value === 0) continue
    const slot = place === -1 ? names.length - 1 : place
    bar.parts[slot] = (bar.parts[slot] ?? 0) + value
    bar.total += value
  }
  const found = [...bars.values()]
  return { names, bars: found, highest: Math.max(0, ...found.map(({ total }) => total)) }
}

/** A round number at or above the highest bar: 1, 2 or 5 times a power of ten. */
export function ceiling(highest: number): number {
  if (highest <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(highest))
  return ([1, 2, 5, 10].find((factor) => factor * power >= highest) ?? 10) * power
}
