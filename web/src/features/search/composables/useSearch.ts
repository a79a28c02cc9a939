/** Searching as somebody types: the request follows from the query, the newest wins. The server reads the operators. */
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import type { SearchMode, SearchReply } from '@/api/types'

export const LIMIT = 30

export interface Wanted {
  query: string
  mode: SearchMode
  /** The version to search, where it is not the published one. */
  asOf?: string
  similarTo?: string
}

export function useSearch(wanted: MaybeRefOrGetter<Wanted>) {
  function search({ query, mode, asOf }: Wanted, signal: AbortSignal): Promise<SearchReply> {
    return unwrap(api.POST('/api/v1/search', { body: { query, mode, limit: LIMIT, explain: true, as_of: asOf ?? null }, signal }))
  }

  return useQuery({
    queryKey: computed(() => ['search', toValue(wanted)]),
    queryFn: ({ signal }) => {
      const now = toValue(wanted)
      if (!now.similarTo) return search(now, signal)
      return unwrap(api.GET('/api/v1/search/similar', { params: { query: { chunk_id: now.similarTo, limit: LIMIT } }, signal }))
    },
    enabled: computed(() => Boolean(toValue(wanted).similarTo ?? toValue(wanted).query)),
    placeholderData: (previous) => previous,
    staleTime: 30_000,
  })
}
