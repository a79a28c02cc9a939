/** What the numbers of an index run mean for the person who waits: stage, share, rate, time left. */
import { computed, ref, watch, type Ref } from 'vue'

import type { Run, Step } from '@/api/types'

const WINDOW_MS = 12_000
const COUNTED = new Set(['analyse', 'index', 'refine'])

interface Sample {
  at: number
  step: string
  done: number
}

export interface StepCount {
  done: number
  total: number
}

/** How far one step of an index run is, where its work can be counted. */
export function countOf(run: Run, step: Step): StepCount | null {
  if (!COUNTED.has(step.name)) return null
  if (step.name === 'refine') {
    const refined = Number(step.detail?.refined ?? 0)
    const total = refined + Number(step.detail?.remaining ?? 0)
    return total > 0 ? { done: refined, total } : null
  }
  if (run.progress.total === 0) return null
  return { done: step.name === 'analyse' ? run.progress.analysed : run.progress.done, total: run.progress.total }
}

/** The share of a step that is done, from 0 to 1. */
export function shareOf(run: Run, step: Step): number {
  if (step.status === 'succeeded' || step.status === 'skipped') return 1
  if (step.status === 'pending') return 0
  const count = countOf(run, step)
  return count ? count.done / count.total : 0
}

/** Units a second over the last samples of the same step, or nothing while too little is known. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.at - first.at < 1000 || last.done <= first.done) return null
  return ((last.done - first.done) * 1000) / (last.at - first.at)
}

/** @param now ticks, so that a run that stands still becomes slower and not only older */
export function useIndexProgress(run: Ref<Run>, now: Ref<number>) {
  const samples = ref<Sample[]>([])
  const current = computed(() => run.value.steps.find((step) => step.status === 'running') ?? null)
  const count = computed(() => (current.value ? countOf(run.value, current.value) : null))

  function sample(): void {
    const step = current.value?.name ?? ''
    const at = now.value
    const kept = samples.value.filter((one) => one.step === step && at - one.at < WINDOW_MS)
    samples.value = count.value ? [...kept, { at, step, done: count.value.done }] : []
  }

  watch([run, now], sample, { immediate: true })

  const rate = computed(() => rateOf(samples.value))
  const secondsLeft = computed(() =>
    rate.value && count.value ? (count.value.total - count.value.done) / rate.value : null,
  )
  return { current, count, rate, secondsLeft }
}
