/** Which model answers in a conversation: chosen for each, kept by the server; before its first question, here. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch, type Ref } from 'vue'

import { chainOf, offered } from './modelChoice'
import { api, unwrap } from '@/api/client'

const FRESH_MS = 15_000

export function useSessionModel(sessionId: Ref<string | null>) {
  const client = useQueryClient()
  const draft = ref<string | null>(null)
  const saving = ref(false)
  const keyOf = (id: string | null) => ['providers', 'session', id]

  const query = useQuery({
    queryKey: computed(() => keyOf(sessionId.value)),
    queryFn: () => unwrap(api.GET('/api/v1/providers', { params: { query: { session_id: sessionId.value ?? undefined } } })),
    staleTime: FRESH_MS,
  })
  const models = computed(() => offered(query.data.value?.models ?? []))
  const picked = computed(() => {
    const name = sessionId.value === null ? draft.value : (query.data.value?.session_roles?.chat?.[0] ?? null)
    return models.value.find((model) => model.name === name) ?? null
  })
  const preferred = computed(() => models.value.find(({ name }) => name === query.data.value?.roles.chat?.[0]) ?? null)

  async function keep(session_id: string, name: string | null): Promise<void> {
    const chat = chainOf(name, query.data.value?.models ?? [])
    client.setQueryData(keyOf(session_id), await unwrap(api.PUT('/api/v1/providers', { body: { models: [], roles: { chat }, session_id } })))
  }

  /** Choose a model, or none in particular, for this conversation. */
  async function pick(name: string | null): Promise<void> {
    if (sessionId.value === null) {
      draft.value = name
      return
    }
    saving.value = true
    try {
      await keep(sessionId.value, name)
    } finally {
      saving.value = false
    }
  }

  /** What was chosen before the conversation began holds for it. */
  async function begin(session_id: string): Promise<void> {
    if (draft.value !== null) await keep(session_id, draft.value)
    draft.value = null
  }
  watch(sessionId, (id) => id !== null && (draft.value = null))

  return { models, picked, preferred, saving, isLoading: query.isLoading, error: query.error, pick, begin }
}
