/** How search is tuned in this organisation; a change that is being evaluated is watched until it is decided. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'
import type { SearchSettings, Signal } from '@/api/types'
import { LIVE_INTERVAL_MS } from '@/composables/useRun'

const KEY = ['search-settings']

export function isDeciding(settings: SearchSettings | undefined): boolean {
  return settings?.changes.some(({ status }) => status === 'evaluating') ?? false
}

export function useSearchSettings() {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => unwrap(api.GET('/api/v1/search-settings')),
    refetchInterval: (state) => (isDeciding(state.state.data) ? LIVE_INTERVAL_MS * 2 : false),
  })
  const keep = (settings: SearchSettings) => void client.setQueryData(KEY, settings)

  const change = useMutation({
    mutationFn: ({ weights, force }: { weights: Partial<Record<Signal, number>>; force: boolean }) =>
      unwrap(api.PUT('/api/v1/search-settings', { body: { weights, force } })),
    onSuccess: keep,
  })
  const guard = useMutation({
    mutationFn: ({ evaluationId, tolerance }: { evaluationId: string | null; tolerance: number }) =>
      evaluationId
        ? unwrap(api.PUT('/api/v1/search-settings/guard', { body: { evaluation_id: evaluationId, tolerance } }))
        : unwrap(api.DELETE('/api/v1/search-settings/guard')),
    onSuccess: keep,
  })
  const evaluations = useQuery({
    queryKey: ['evaluations', 'all'],
    queryFn: () => unwrap(api.GET('/api/v1/evaluations', { params: { query: { limit: 50 } } })),
  })
  return { query, change, guard, evaluations }
}
