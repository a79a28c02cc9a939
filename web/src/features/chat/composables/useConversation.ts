/** One conversation: what is stored, and what is being written into it. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch, type Ref } from 'vue'
import { useRouter } from 'vue-router'

import { useLiveAnswers } from './liveAnswers'
import { api, unwrap } from '@/api/client'
import type { Message } from '@/api/types'

const PAGE = 200

async function fetchMessages(session_id: string): Promise<Message[]> {
  const items: Message[] = []
  let cursor: string | null | undefined
  do {
    const page = await unwrap(api.GET('/api/v1/chat/sessions/{session_id}/messages', { params: { path: { session_id }, query: { limit: PAGE, cursor } } }))
    items.push(...page.items)
    cursor = page.next_cursor
  } while (cursor)
  return items
}

export interface Ask {
  content: string
  repositoryIds: string[]
  workflow: 'auto' | 'ask'
}

/** ``begun`` is told of a conversation before its first question is asked. */
export function useConversation(sessionId: Ref<string | null>, begun: (id: string) => Promise<void>) {
  const client = useQueryClient()
  const router = useRouter()
  const live = useLiveAnswers()
  const asking = ref<string | null>(null)
  const refusal = ref<unknown>(null)

  const query = useQuery({
    queryKey: ['messages', sessionId],
    queryFn: () => fetchMessages(sessionId.value ?? ''),
    enabled: computed(() => sessionId.value !== null),
    staleTime: 30_000,
  })
  const session = useQuery({
    queryKey: ['session', sessionId],
    queryFn: () => unwrap(api.GET('/api/v1/chat/sessions/{session_id}', { params: { path: { session_id: sessionId.value ?? '' } } })),
    enabled: computed(() => sessionId.value !== null),
    staleTime: 30_000,
  })
  const title = computed(() => session.data.value?.title ?? '')
  const messages = computed(() => (sessionId.value ? (query.data.value ?? []) : []))
  const activeRun = computed(() => messages.value.find(({ role, status }) => role === 'assistant' && status === 'streaming')?.run_id ?? null)

  watch(activeRun, (runId) => runId && live.follow(runId), { immediate: true })
  watch(() => live.lastDone, (runId) => {
    const finished = live.streams.get(runId)?.message
    if (!finished) return
    client.setQueryData<Message[]>(['messages', finished.session_id], (known) =>
      known?.map((message) => (message.id === finished.id ? finished : message)),
    )
    void client.invalidateQueries({ queryKey: ['messages', finished.session_id] })
    void client.invalidateQueries({ queryKey: ['sessions'] })
  })

  async function begin(repositoryIds: string[]): Promise<string> {
    const session = await unwrap(api.POST('/api/v1/chat/sessions', { body: { repository_ids: repositoryIds } }))
    await begun(session.id)
    return session.id
  }

  /** Asks; true when the question was taken. */
  async function ask({ content, repositoryIds, workflow }: Ask): Promise<boolean> {
    asking.value = content
    refusal.value = null
    try {
      const session_id = sessionId.value ?? (await begin(repositoryIds))
      const accepted = await live.ask({
        type: 'ask', session_id, request_id: crypto.getRandomValues(new Uint32Array(4)).join('-'), content, workflow, model: null, prompt: null,
        repository_ids: repositoryIds.length > 0 ? repositoryIds : null,
      })
      client.setQueryData<Message[]>(['messages', session_id], (known) => [...(known ?? []), accepted.message, placeholder(accepted.message, accepted.run.id)])
      if (sessionId.value === null) await router.replace(`/chat/${session_id}`)
      void client.invalidateQueries({ queryKey: ['messages', session_id] })
      void client.invalidateQueries({ queryKey: ['sessions'] })
      return true
    } catch (error) {
      refusal.value = error
      return false
    } finally {
      asking.value = null
    }
  }

  async function stop(): Promise<void> {
    if (activeRun.value) await live.stop(activeRun.value).catch((error: unknown) => (refusal.value = error))
  }
  return { ...query, title, messages, activeRun, asking, refusal, ask, stop }
}

/** The answer's place until the server's own row is read. */
function placeholder(question: Message, runId: string): Message {
  return { ...question, id: `answer-${runId}`, role: 'assistant', status: 'streaming', content: '', citations: [], run_id: runId }
}
