/** Searching as somebody types: the request follows from the query, the newest wins. */
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import type { Repository, SearchMode, SearchReply } from '@/api/types'

import type { ParsedQuery } from './queryLanguage'

export const LIMIT = 30

export interface Wanted {
  query: ParsedQuery
  mode: SearchMode
  similarTo?: string
}

/** Ids of the named repositories, or null for all. */
export function scopeOf(names: readonly string[], repositories: readonly Repository[]): string[] | null {
  if (names.length === 0) return null
  const asked = new Set(names.map((name) => name.toLowerCase()))
  return repositories.filter(({ name }) => asked.has(name.toLowerCase())).map(({ id }) => id)
}

export function useSearch(wanted: MaybeRefOrGetter<Wanted>, repositories: MaybeRefOrGetter<readonly Repository[]>) {
  const scope = computed(() => scopeOf(toValue(wanted).query.filters.repo, toValue(repositories)))

  function search({ query, mode }: Wanted, signal: AbortSignal): Promise<SearchReply> {
    const { lang, path, kind } = query.filters
    const filters = { language: lang.at(-1), path: path.at(-1), kind: kind.at(-1) }
    const body = { query: query.words, mode, limit: LIMIT, filters, repository_ids: scope.value }
    return unwrap(api.POST('/api/v1/search', { body, signal }))
  }

  return useQuery({
    queryKey: computed(() => ['search', toValue(wanted), scope.value]),
    queryFn: ({ signal }) => {
      const now = toValue(wanted)
      if (!now.similarTo) return search(now, signal)
      return unwrap(api.GET('/api/v1/search/similar', { params: { query: { chunk_id: now.similarTo, limit: LIMIT } }, signal }))
    },
    enabled: computed(() => Boolean(toValue(wanted).similarTo ?? toValue(wanted).query.words)),
    placeholderData: (previous) => previous,
    staleTime: 30_000,
  })
}
