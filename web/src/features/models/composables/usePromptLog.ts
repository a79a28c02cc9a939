/** Whether prompts and answers are written down, and what is. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'

const POLICY = ['prompt-log-policy']
const CALLS = ['prompt-log']

export function usePromptLog() {
  const client = useQueryClient()
  const readAnew = () => client.invalidateQueries({ queryKey: CALLS })
  const policy = useQuery({ queryKey: POLICY, queryFn: () => unwrap(api.GET('/api/v1/prompt-log/policy')) })
  const calls = useInfiniteQuery({
    queryKey: CALLS,
    queryFn: ({ pageParam }) => unwrap(api.GET('/api/v1/prompt-log', { params: { query: { before: pageParam, limit: 30 } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_before,
  })
  const change = useMutation({
    mutationFn: (body: { enabled: boolean; keep_days: number }) => unwrap(api.PUT('/api/v1/prompt-log/policy', { body })),
    onSuccess: (found) => client.setQueryData(POLICY, found),
  })
  const clear = useMutation({ mutationFn: () => unwrap(api.DELETE('/api/v1/prompt-log')), onSuccess: readAnew })
  return { policy, calls, change, clear, readAnew }
}
