/** Former states of a document, and what changed between two of them. */
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'

export function useHistory(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['history', toValue(id)]),
    queryFn: () => unwrap(api.GET('/api/v1/documents/{document_id}/history', { params: { path: { document_id: toValue(id) } } })),
  })
}

/** From the state before `to`, or from `from`; a first state has nothing before it. */
export function useDiff(id: MaybeRefOrGetter<string>, from: MaybeRefOrGetter<number | null>, to: MaybeRefOrGetter<number | null>) {
  return useQuery({
    queryKey: computed(() => ['history', toValue(id), 'diff', toValue(from), toValue(to)]),
    queryFn: () =>
      unwrap(api.GET('/api/v1/documents/{document_id}/diff', {
        params: { path: { document_id: toValue(id) }, query: { from: toValue(from) ?? 1, to: toValue(to) ?? 1 } },
      })),
    enabled: computed(() => toValue(from) !== null && toValue(to) !== null),
  })
}

export function useRevision(id: MaybeRefOrGetter<string>, revision: MaybeRefOrGetter<number | null>) {
  return useQuery({
    queryKey: computed(() => ['history', toValue(id), 'state', toValue(revision)]),
    queryFn: () =>
      unwrap(api.GET('/api/v1/documents/{document_id}/history/{revision}', {
        params: { path: { document_id: toValue(id), revision: toValue(revision) ?? 1 } },
      })),
    enabled: computed(() => toValue(revision) !== null),
  })
}
