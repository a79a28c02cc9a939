/** What a run did, in figures: the line above an answer. */
import type { Run, Step, Verification } from '@/api/types'

export type StepFacts = Pick<Step, 'name' | 'status' | 'attempt' | 'detail'> & Partial<Pick<Step, 'started_at' | 'finished_at'>>

export interface RunFacts {
  repositories: number | null
  passages: number | null
  seconds: number | null
  /** The step under way. */
  current: string | null
}

export function runFacts(steps: readonly StepFacts[]): RunFacts {
  const count = (step: string, key: string): number | null => {
    const value = steps.find(({ name }) => name === step)?.detail?.[key]
    return typeof value === 'number' ? value : null
  }
  return {
    repositories: count('plan', 'repositories'),
    passages: count('retrieve', 'passages'),
    seconds: spanOf(steps),
    current: steps.find(({ status }) => status === 'running')?.name ?? null,
  }
}

function spanOf(steps: readonly StepFacts[]): number | null {
  const starts = steps.flatMap(({ started_at }) => (started_at ? [Date.parse(started_at)] : []))
  const ends = steps.flatMap(({ finished_at }) => (finished_at ? [Date.parse(finished_at)] : []))
  return starts.length > 0 && ends.length > 0 ? Math.max(0, Math.max(...ends) - Math.min(...starts)) / 1000 : null
}

export function stepSeconds({ started_at, finished_at }: StepFacts): number | null {
  return started_at && finished_at ? Math.max(0, Date.parse(finished_at) - Date.parse(started_at)) / 1000 : null
}

/** Seconds from the question to the end of its run, waiting included. */
export function runSeconds(run: Run): number | null {
  return run.finished_at ? Math.max(0, Date.parse(run.finished_at) - Date.parse(run.created_at)) / 1000 : null
}

export function isDoubtful(verification: Verification | null | undefined): boolean {
  return (verification?.symbols_unknown?.length ?? 0) > 0
}
