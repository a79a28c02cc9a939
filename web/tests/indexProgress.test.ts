import { ref } from 'vue'
import { describe, expect, it } from 'vitest'

import type { Run, Step } from '@/api/types'
import { countOf, shareOf, useIndexProgress } from '@/composables/useIndexProgress'

function makeStep(name: string, status: Step['status'], detail: Step['detail'] = {}): Step {
  return { name, status, attempt: 1, started_at: null, finished_at: null, detail }
}

function makeRun(steps: Step[], progress: Partial<Run['progress']> = {}): Run {
  return {
    id: 'r1', kind: 'index', status: 'running', steps, title: 'shop', created_at: '2026-01-01T00:00:00Z',
    progress: { analysed: 0, done: 0, total: 0, failed: 0, ...progress },
  } as Run
}

describe('the progress of an index run', () => {
  it('counts analysed files while files are analysed, and indexed ones later', () => {
    const analyse = makeStep('analyse', 'running')
    const index = makeStep('index', 'running')
    const run = makeRun([analyse, index], { analysed: 60, done: 10, total: 100 })
    expect(countOf(run, analyse)).toEqual({ done: 60, total: 100 })
    expect(countOf(run, index)).toEqual({ done: 10, total: 100 })
  })

  it('counts passages while vectors are refined', () => {
    const refine = makeStep('refine', 'running', { refined: 30, remaining: 90 })
    expect(countOf(makeRun([refine]), refine)).toEqual({ done: 30, total: 120 })
    expect(shareOf(makeRun([refine]), refine)).toBe(0.25)
  })

  it('has finished steps full and coming ones empty', () => {
    const run = makeRun([])
    expect(shareOf(run, makeStep('snapshot', 'succeeded'))).toBe(1)
    expect(shareOf(run, makeStep('publish', 'pending'))).toBe(0)
  })

  it('tells rate and time left from the last samples of one step', async () => {
    const now = ref(0)
    const run = ref(makeRun([makeStep('analyse', 'running')], { analysed: 100, total: 1000 }))
    const { rate, secondsLeft } = useIndexProgress(run, now)
    expect(rate.value).toBeNull()
    now.value = 2000
    run.value = makeRun([makeStep('analyse', 'running')], { analysed: 300, total: 1000 })
    await Promise.resolve()
    expect(rate.value).toBe(100)
    expect(secondsLeft.value).toBe(7)
  })

  it('expects more time while nothing moves', async () => {
    const now = ref(0)
    const run = ref(makeRun([makeStep('analyse', 'running')], { analysed: 100, total: 1000 }))
    const { rate } = useIndexProgress(run, now)
    now.value = 2000
    run.value = makeRun([makeStep('analyse', 'running')], { analysed: 300, total: 1000 })
    await Promise.resolve()
    now.value = 4000
    await Promise.resolve()
    expect(rate.value).toBe(50)
  })

  it('says nothing of the rate when the next step has just begun', async () => {
    const now = ref(0)
    const run = ref(makeRun([makeStep('analyse', 'running')], { analysed: 1000, total: 1000 }))
    const { rate } = useIndexProgress(run, now)
    now.value = 3000
    run.value = makeRun([makeStep('index', 'running')], { analysed: 1000, done: 10, total: 1000 })
    await Promise.resolve()
    expect(rate.value).toBeNull()
  })
})
