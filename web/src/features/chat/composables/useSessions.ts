/** The person's conversations. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'

import { api, unwrap } from '@/api/client'
import type { Session } from '@/api/types'

export function useSessions() {
  const client = useQueryClient()
  const query = useInfiniteQuery({
    queryKey: ['sessions'],
    queryFn: ({ pageParam }) => unwrap(api.GET('/api/v1/chat/sessions', { params: { query: { limit: 50, cursor: pageParam } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const sessions = computed<Session[]>(() => query.data.value?.pages.flatMap(({ items }) => items) ?? [])
  const refresh = () => client.invalidateQueries({ queryKey: ['sessions'] })

  const rename = useMutation({
    mutationFn: ({ id, title }: { id: string; title: string }) =>
      unwrap(api.PATCH('/api/v1/chat/sessions/{session_id}', { params: { path: { session_id: id } }, body: { title } })),
    onSuccess: refresh,
  })
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/chat/sessions/{session_id}', { params: { path: { session_id: id } } }),
    onSuccess: refresh,
  })
  return { ...query, sessions, rename, remove }
}
