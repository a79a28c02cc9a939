/** What may be spent, and how fast may be asked. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'
import type { BudgetScope, Limits } from '@/api/types'

const KEY = ['budgets']

export interface BudgetChange {
  scope: BudgetScope
  subject_id: string
  limits: Limits | null
}

export function useBudgets() {
  const client = useQueryClient()
  const query = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/v1/budgets')) })
  const write = useMutation({
    mutationFn: (body: BudgetChange) => unwrap(api.PUT('/api/v1/budgets', { body })),
    onSuccess: (found) => client.setQueryData(KEY, found),
  })
  return { query, write }
}
