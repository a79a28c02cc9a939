/** All repositories of the organisation; many pages name them. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'

import { api, unwrap } from '@/api/client'
import type { Repository } from '@/api/types'

const PAGE = 100
const BUSY_MS = 700

async function fetchAll(): Promise<Repository[]> {
  const items: Repository[] = []
  let cursor: string | null | undefined
  do {
    const page = await unwrap(api.GET('/api/v1/repositories', { params: { query: { limit: PAGE, cursor } } }))
    items.push(...page.items)
    cursor = page.next_cursor
  } while (cursor)
  return items
}

export function useRepositories() {
  const query = useQuery({
    queryKey: ['repositories'],
    queryFn: fetchAll,
    refetchInterval: (state) => (state.state.data?.some((repository) => repository.active_run) ? BUSY_MS : false),
  })
  const repositories = computed(() => query.data.value ?? [])
  const indexed = computed(() => repositories.value.filter(({ generation, status }) => generation > 0 && status !== 'deleting'))

  function nameOf(id: string): string {
    return repositories.value.find((repository) => repository.id === id)?.name ?? ''
  }
  return { ...query, repositories, indexed, nameOf }
}
