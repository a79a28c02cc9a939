/** Versions of a repository: reading, naming, keeping, comparing. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import type { Version, VersionUpdate } from '@/api/types'

type Id = MaybeRefOrGetter<string>

export interface Comparing {
  query: string
  before: string
  after: string
}

/** What a version is called where a short name is wanted. */
export function nameOfVersion(version: Version): string {
  return version.label ?? version.ref ?? version.commit.slice(0, 8)
}

export function useVersions(id: Id) {
  return useQuery({
    queryKey: computed(() => ['versions', toValue(id)]),
    queryFn: () => unwrap(api.GET('/api/v1/repositories/{repository_id}/versions', { params: { path: { repository_id: toValue(id) } } })),
  })
}

export function useVersionUpdate(id: Id) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ generation, change }: { generation: number; change: VersionUpdate }) =>
      unwrap(api.PATCH('/api/v1/repositories/{repository_id}/versions/{generation}', { params: { path: { repository_id: toValue(id), generation } }, body: change })),
    onSettled: () => client.invalidateQueries({ queryKey: ['versions', toValue(id)] }),
  })
}

export function useVersionChanges(id: Id, wanted: MaybeRefOrGetter<Comparing>) {
  return useQuery({
    queryKey: computed(() => ['versions', toValue(id), 'compare', toValue(wanted)]),
    queryFn: ({ signal }) => {
      const { query, before, after } = toValue(wanted)
      return unwrap(api.POST('/api/v1/search/compare', { body: { repository_id: toValue(id), query, before, after, limit: 20, mode: 'hybrid' }, signal }))
    },
    enabled: computed(() => {
      const { query, before, after } = toValue(wanted)
      return Boolean(query && before && after && before !== after)
    }),
  })
}
