/** How the code of a repository hangs together, how it changed, and what of it tests run. */
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'

type Id = MaybeRefOrGetter<string>
export type Direction = 'dependents' | 'dependencies'

/** Definitions within some steps of one; without a focus, the packages and who uses whom. */
export function useGraph(id: Id, focus: MaybeRefOrGetter<string>, direction: MaybeRefOrGetter<Direction>, depth: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: computed(() => ['graph', toValue(id), toValue(focus), toValue(direction), toValue(depth)]),
    queryFn: ({ signal }) => {
      const wanted = toValue(focus)
      const query = wanted
        ? { level: 'symbol' as const, focus: wanted, direction: toValue(direction), depth: toValue(depth) }
        : { level: 'package' as const }
      return unwrap(api.GET('/api/v1/repositories/{repository_id}/graph', { params: { path: { repository_id: toValue(id) }, query }, signal }))
    },
  })
}

/** Files by what their changes cost. */
export function useHistory(id: Id) {
  return useQuery({
    queryKey: computed(() => ['history', toValue(id)]),
    queryFn: () =>
      unwrap(api.GET('/api/v1/repositories/{repository_id}/history', { params: { path: { repository_id: toValue(id) }, query: { limit: 500 } } })),
  })
}

/** Files by how little of them tests run; of one file its definitions. */
export function useCoverage(id: Id, path: MaybeRefOrGetter<string | undefined> = undefined, enabled: MaybeRefOrGetter<boolean> = true) {
  return useQuery({
    queryKey: computed(() => ['coverage', toValue(id), toValue(path)]),
    queryFn: () =>
      unwrap(
        api.GET('/api/v1/repositories/{repository_id}/coverage', {
          params: { path: { repository_id: toValue(id) }, query: { path: toValue(path), limit: 200 } },
        }),
      ),
    enabled: computed(() => toValue(enabled)),
  })
}
