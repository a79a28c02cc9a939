/** What is being written, kept for each conversation while the app is open, and the scope it will be asked in. */
import { computed, ref, watch, type Ref } from 'vue'
import { useRoute } from 'vue-router'

import type { Workflow } from './useSuggestions'
import { useConfig } from '@/composables/useConfig'
import { useRepositories } from '@/composables/useRepositories'

const DEFAULT_LIMIT = 8000
const drafts = new Map<string, { text: string; scope: string[] }>()

export function useDraft(sessionId: Ref<string | null>) {
  const route = useRoute()
  const config = useConfig()
  const { indexed } = useRepositories()
  const text = ref('')
  const scope = ref<string[]>([])
  const workflow = ref<Workflow>('auto')

  /** Other pages lead here with a scope or a beginning: "ask about this page". */
  function fromAddress(): { text: string; scope: string[] } {
    const { repository, q } = route.query
    return { text: typeof q === 'string' ? q : '', scope: typeof repository === 'string' ? [repository] : [] }
  }
  watch(sessionId, (id, before) => {
    if (before !== undefined) drafts.set(before ?? '', { text: text.value, scope: scope.value })
    const kept = drafts.get(id ?? '')
    const begun = before === null && id !== null ? { text: text.value, scope: scope.value } : fromAddress()
    const next = kept && !route.query.q && !route.query.repository ? kept : begun
    text.value = next.text
    scope.value = next.scope
  }, { immediate: true })

  /** A repository that was deleted is no scope any more. */
  watch(indexed, (known) => {
    if (known.length > 0) scope.value = scope.value.filter((id) => known.some((repository) => repository.id === id))
  })

  const limit = computed(() => config.data.value?.maximum_question_characters ?? DEFAULT_LIMIT)
  return { text, scope, workflow, limit }
}
