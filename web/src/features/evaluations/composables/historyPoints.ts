/** The history of a repository as points of a line: each good evaluation, the oldest first. */
import type { Evaluation } from '@/api/types'

export interface Point {
  id: string
  x: number
  y: number
  ndcg: number
  evaluation: Evaluation
  /** The version differs from that of the point before. */
  isNewVersion: boolean
}

export interface Scale {
  lowest: number
  highest: number
}

const STEP = 0.1

/** The tenths around all values, so that small differences can be seen and large ones are not exaggerated. */
export function scaleOf(values: readonly number[]): Scale {
  if (values.length === 0) return { lowest: 0, highest: 1 }
  const lowest = Math.max(0, Math.floor((Math.min(...values) - 0.02) / STEP) * STEP)
  const highest = Math.min(1, Math.ceil((Math.max(...values) + 0.02) / STEP) * STEP)
  return { lowest: Math.round(lowest * 10) / 10, highest: Math.round(Math.max(highest, lowest + STEP) * 10) / 10 }
}

/** Evaluations come newest first; x and y are shares of the drawing, y grows downwards. */
export function pointsOf(evaluations: readonly Evaluation[]): { points: Point[]; scale: Scale } {
  const good = evaluations.filter((one) => one.measure).toReversed()
  const scale = scaleOf(good.map((one) => one.measure?.ndcg ?? 0))
  const points = good.map((evaluation, index) => {
    const ndcg = evaluation.measure?.ndcg ?? 0
    return {
      id: evaluation.id,
      x: good.length === 1 ? 0.5 : index / (good.length - 1),
      y: 1 - (ndcg - scale.lowest) / (scale.highest - scale.lowest),
      ndcg,
      evaluation,
      isNewVersion: index > 0 && good[index - 1]?.generation !== evaluation.generation,
    }
  })
  return { points, scale }
}
