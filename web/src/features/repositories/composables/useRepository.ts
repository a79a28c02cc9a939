/** One repository and what is known of its code. */
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import { LIVE_INTERVAL_MS, isActive } from '@/composables/useRun'

type Id = MaybeRefOrGetter<string>

function path(id: Id) {
  return { repository_id: toValue(id) }
}

export function useRepository(id: Id) {
  return useQuery({
    queryKey: computed(() => ['repository', toValue(id)]),
    queryFn: () => unwrap(api.GET('/api/v1/repositories/{repository_id}', { params: { path: path(id) } })),
    refetchInterval: (query) => (isActive(query.state.data?.active_run) ? LIVE_INTERVAL_MS : false),
  })
}

export function useTree(id: Id, generation: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: computed(() => ['tree', toValue(id), toValue(generation)]),
    queryFn: () => unwrap(api.GET('/api/v1/repositories/{repository_id}/tree', { params: { path: path(id) } })),
    enabled: computed(() => toValue(generation) > 0),
  })
}

export function useProblems(id: Id, rule: MaybeRefOrGetter<string | undefined>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['problems', toValue(id), toValue(rule)]),
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/api/v1/repositories/{repository_id}/problems', {
          params: { path: path(id), query: { rule: toValue(rule), cursor: pageParam, limit: 100 } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

export function useSymbols(id: Id, wanted: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['symbols', toValue(id), toValue(wanted)]),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/api/v1/repositories/{repository_id}/symbols', {
          params: { path: path(id), query: { query: toValue(wanted) || undefined, limit: 100 } },
          signal,
        }),
      ),
    placeholderData: (previous) => previous,
  })
}

export function useRepositoryRuns(id: Id) {
  return useQuery({
    queryKey: computed(() => ['runs', 'repository', toValue(id)]),
    queryFn: () => unwrap(api.GET('/api/v1/runs', { params: { query: { repository_id: toValue(id), limit: 20 } } })),
  })
}
