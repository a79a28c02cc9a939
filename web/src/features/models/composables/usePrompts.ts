/** Prompt templates and their versions. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'

import { api, unwrap } from '@/api/client'
import type { PromptTemplate, PromptTemplateWrite } from '@/api/types'

const KEY = ['prompt-templates']

export interface PromptFamily {
  name: string
  /** Newest first; the built-in one, version 0, last. */
  versions: PromptTemplate[]
}

export function usePrompts() {
  const client = useQueryClient()
  const query = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/v1/prompt-templates')) })
  const families = computed<PromptFamily[]>(() => {
    const found = new Map<string, PromptTemplate[]>()
    for (const one of query.data.value?.items ?? []) found.set(one.name, [...(found.get(one.name) ?? []), one])
    return [...found].map(([name, versions]) => ({ name, versions })).sort((left, right) => left.name.localeCompare(right.name))
  })
  const create = useMutation({
    mutationFn: (body: PromptTemplateWrite) => unwrap(api.POST('/api/v1/prompt-templates', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  })
  return { query, families, create }
}
