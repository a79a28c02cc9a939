import { describe, expect, it } from 'vitest'

import type { Evaluation } from '@/api/types'
import { readAnnotations } from '@/features/evaluations/composables/annotations'
import { pointsOf, scaleOf } from '@/features/evaluations/composables/historyPoints'

function makeEvaluation(id: string, ndcg: number | null, generation = 1): Evaluation {
  const measure = ndcg === null ? null : { ndcg, recall: 1, p50_ms: 1, p95_ms: 2 }
  return { id, repository_id: 'r', name: '', status: 'succeeded', generation, commit: 'c', created_at: '2026-01-01T00:00:00Z', measure } as Evaluation
}

describe('pointsOf', () => {
  it('draws the oldest first and leaves out what has no result', () => {
    const { points } = pointsOf([makeEvaluation('new', 0.9, 2), makeEvaluation('failed', null), makeEvaluation('old', 0.8)])
    expect(points.map(({ id, x, isNewVersion }) => [id, x, isNewVersion])).toEqual([['old', 0, false], ['new', 1, true]])
    expect(points[0]!.y).toBeGreaterThan(points[1]!.y)
  })
  it('puts a single point in the middle', () => {
    expect(pointsOf([makeEvaluation('a', 0.5)]).points[0]!.x).toBe(0.5)
  })
  it('scales to the tenths around the values', () => {
    expect(scaleOf([0.83, 0.87])).toEqual({ lowest: 0.8, highest: 0.9 })
    expect(scaleOf([1])).toEqual({ lowest: 0.9, highest: 1 })
    expect(scaleOf([])).toEqual({ lowest: 0, highest: 1 })
  })
})

describe('readAnnotations', () => {
  it('reads a list, or an object that holds one', () => {
    const one = { query: 'who pays', relevant: ['pay.py'] }
    const read = [{ ...one, secondary: [], category: '' }]
    expect(readAnnotations(JSON.stringify([one]))).toEqual(read)
    expect(readAnnotations(JSON.stringify({ questions: [{ ...one, note: 'dropped' }] }))).toEqual(read)
  })
  it.each(['', '{', '[]', '{}', 'null', '[1]', '[{"query": ""}]', '[{"query": "a", "relevant": []}]'])('refuses %s', (text) => {
    expect(readAnnotations(text)).toBeNull()
  })
})
