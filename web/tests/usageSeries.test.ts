import { expect, it } from 'vitest'

import type { UsageGroup } from '@/api/types'
import { ceiling, OTHERS, seriesOf } from '@/features/models/composables/usageSeries'

const SPAN = { start: '2026-03-01T10:30:00Z', end: '2026-03-04T10:30:00Z' }

function used(day: string, model: string, tokens: number): UsageGroup {
  return {
    group: { day, model }, requests: 1, upstream_calls: 1, failed_requests: 0, prompt_tokens: tokens, completion_tokens: 0, cached_tokens: 0,
    estimated_calls: 0, cost: tokens / 1000, from_cache: 0, fallbacks: 0, switches: 0, p50_ms: 1, p95_ms: 1,
  }
}

it('has a bar for every day, also for those without usage', () => {
  const { bars } = seriesOf([used('2026-03-02', 'a', 5)], SPAN, 'day', 'model', 'tokens')
  expect(bars.map(({ at, total }) => [at, total])).toEqual([['2026-03-01', 0], ['2026-03-02', 5], ['2026-03-03', 0], ['2026-03-04', 0]])
})

it('counts hours where a day is shown', () => {
  const item = { ...used('', 'a', 5), group: { hour: '2026-03-01T23:00Z', model: 'a' } }
  const { bars } = seriesOf([item], { start: '2026-03-01T22:10:00Z', end: '2026-03-02T00:10:00Z' }, 'hour', 'model', 'tokens')
  expect(bars.map(({ total }) => total)).toEqual([0, 5, 0])
})

it('names the largest groups and puts the others together', () => {
  const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((model, index) => used('2026-03-02', model, 10 - index))
  const { names, bars, highest } = seriesOf(items, SPAN, 'day', 'model', 'tokens')
  expect(names).toEqual(['a', 'b', 'c', 'd', 'e', OTHERS])
  expect(bars[1]?.parts).toEqual([10, 9, 8, 7, 6, 9])
  expect(highest).toBe(49)
})

it('leaves out groups that took nothing of what is shown', () => {
  const free = { ...used('2026-03-02', 'free', 9), cost: 0 }
  expect(seriesOf([free, used('2026-03-02', 'paid', 1)], SPAN, 'day', 'model', 'cost').names).toEqual(['paid'])
})

it('ends its scale at a round number', () => {
  expect([0, 0.03, 7, 10, 49, 120_000].map(ceiling)).toEqual([1, 0.05, 10, 10, 50, 200_000])
})
