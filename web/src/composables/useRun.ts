/** Runs that are under way: following one until it ends, and telling what state it is in. */
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import { hasEnded, type Run } from '@/api/types'

export const LIVE_INTERVAL_MS = 700

export type DotState = 'ok' | 'running' | 'warning' | 'error' | 'idle'

const DOTS: Record<Run['status'], DotState> = {
  queued: 'running',
  running: 'running',
  waiting: 'warning',
  succeeded: 'ok',
  succeeded_with_warnings: 'warning',
  failed: 'error',
  cancelled: 'idle',
}

/** Whether something may still happen in a run. */
export function isActive(run: Run | null | undefined): boolean {
  return run != null && !hasEnded(run.status)
}

/** The colour of a run. */
export function runDot(run: Run): DotState {
  return DOTS[run.status]
}

/** One run, read again and again until it has ended. */
export function useRun(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['run', toValue(id)]),
    queryFn: () => unwrap(api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: toValue(id) ?? '' } } })),
    enabled: computed(() => Boolean(toValue(id))),
    refetchInterval: (query) => (isActive(query.state.data) ? LIVE_INTERVAL_MS : false),
  })
}
