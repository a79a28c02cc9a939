/** Evaluations of a repository; those under way are read again until they have ended. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import { hasEnded, type Evaluation, type EvaluationCreate } from '@/api/types'
import { LIVE_INTERVAL_MS } from '@/composables/useRun'

type Id = MaybeRefOrGetter<string>

const SHOWN = 50

function isOpen(evaluation: Evaluation | undefined): boolean {
  return evaluation !== undefined && !hasEnded(evaluation.status)
}

export function useEvaluations(repositoryId: Id) {
  return useQuery({
    queryKey: computed(() => ['evaluations', toValue(repositoryId)]),
    queryFn: () => unwrap(api.GET('/api/v1/evaluations', { params: { query: { repository_id: toValue(repositoryId), limit: SHOWN } } })),
    enabled: computed(() => Boolean(toValue(repositoryId))),
    refetchInterval: (query) => (query.state.data?.items.some(isOpen) ? LIVE_INTERVAL_MS * 2 : false),
  })
}

export function useEvaluation(id: Id) {
  return useQuery({
    queryKey: computed(() => ['evaluation', toValue(id)]),
    queryFn: () => unwrap(api.GET('/api/v1/evaluations/{evaluation_id}', { params: { path: { evaluation_id: toValue(id) } } })),
    refetchInterval: (query) => (isOpen(query.state.data) ? LIVE_INTERVAL_MS * 2 : false),
  })
}

export function useComparison(after: Id, before: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['evaluation', toValue(after), 'compare', toValue(before)]),
    queryFn: () =>
      unwrap(api.GET('/api/v1/evaluations/{evaluation_id}/compare', {
        params: { path: { evaluation_id: toValue(after) }, query: { before: toValue(before) ?? '' } },
      })),
    enabled: computed(() => Boolean(toValue(before))),
  })
}

export function useVersionsOf(repositoryId: Id) {
  return useQuery({
    queryKey: computed(() => ['versions', toValue(repositoryId)]),
    queryFn: () => unwrap(api.GET('/api/v1/repositories/{repository_id}/versions', { params: { path: { repository_id: toValue(repositoryId) } } })),
  })
}

export function useStartEvaluation() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: EvaluationCreate) => unwrap(api.POST('/api/v1/evaluations', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['evaluations'] }),
  })
}
