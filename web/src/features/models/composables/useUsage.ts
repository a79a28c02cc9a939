/** What language models took, over a span that ends now. */
import { useMutation, useQuery } from '@tanstack/vue-query'
import { computed, ref } from 'vue'

import { api, unwrap } from '@/api/client'

import type { Step } from './usageSeries'

export const SPANS = { day: 1, week: 7, month: 30, quarter: 90 } as const
export type Span = keyof typeof SPANS
export type Grouping = 'model' | 'user' | 'key' | 'asked_for' | 'outcome'

const DAY_MS = 86_400_000

function startOf(span: Span): string {
  return new Date(Date.now() - SPANS[span] * DAY_MS).toISOString()
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

export function useUsage() {
  const span = ref<Span>('week')
  const by = ref<Grouping>('model')
  const step = computed<Step>(() => (span.value === 'day' ? 'hour' : 'day'))

  const ask = (groups: (Step | Grouping)[]) =>
    unwrap(api.GET('/api/v1/usage', { params: { query: { start: startOf(span.value), group_by: groups } } }))
  const overTime = useQuery({ queryKey: ['usage', 'time', span, by], queryFn: () => ask([step.value, by.value]) })
  const byGroup = useQuery({ queryKey: ['usage', 'group', span, by], queryFn: () => ask([by.value]) })
  const download = useMutation({
    mutationFn: async () => {
      const query = { start: startOf(span.value) }
      save((await unwrap(api.GET('/api/v1/usage/export', { params: { query }, parseAs: 'blob' }))) as Blob, 'usage.csv')
    },
  })
  return { span, by, step, overTime, byGroup, download }
}
