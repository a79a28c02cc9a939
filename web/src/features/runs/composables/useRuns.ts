/** Runs of the organisation, the latest first, narrowed by kind and status. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import type { Run } from '@/api/types'
import { LIVE_INTERVAL_MS, isActive } from '@/composables/useRun'

export interface RunFilter {
  kind?: Run['kind']
  status?: Run['status']
}

const PAGE = 50
const IDLE_INTERVAL_MS = 5000

export function useRuns(filter: MaybeRefOrGetter<RunFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['runs', toValue(filter)]),
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/api/v1/runs', { params: { query: { ...toValue(filter), cursor: pageParam, limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some(isActive)) ? LIVE_INTERVAL_MS * 2 : IDLE_INTERVAL_MS,
  })
}

export function useCancelRun() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/runs/{run_id}/cancel', { params: { path: { run_id: id } } })),
    onSuccess: async (_, id) => {
      await Promise.all([['run', id], ['runs'], ['repositories']].map((queryKey) => client.invalidateQueries({ queryKey })))
    },
  })
}
