/** The search as it stands in the address, so that it can be shared and walked back to. */
import { computed, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import type { SearchMode } from '@/api/types'
import { refDebounced } from '@/composables/useDebounced'

const REST_MS = 180
const MODES: readonly SearchMode[] = ['hybrid', 'semantic', 'keyword']

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function useSearchAddress() {
  const route = useRoute()
  const router = useRouter()
  const typed = ref(textOf(route.query.q))
  const settled = refDebounced(typed, REST_MS)
  const similarTo = computed(() => textOf(route.query.similar) || undefined)

  const asOf = computed(() => textOf(route.query.as_of) || undefined)

  function go(change: Record<string, string | undefined>): void {
    void router.replace({ query: { ...route.query, ...change } })
  }

  const mode = computed<SearchMode>({
    get: () => MODES.find((one) => one === route.query.mode) ?? 'hybrid',
    set: (value) => go({ mode: value === 'hybrid' ? undefined : value }),
  })

  function leaveVersion(): void {
    go({ as_of: undefined })
  }

  function showSimilar(chunkId: string | undefined): void {
    void router.push({ query: { ...route.query, similar: chunkId } })
  }

  watch(settled, (text) => {
    if (text !== textOf(route.query.q)) go({ q: text || undefined, similar: undefined })
  })
  watch(
    () => textOf(route.query.q),
    (text) => {
      if (text !== settled.value) typed.value = text
    },
  )
  return { typed, settled, mode, asOf, leaveVersion, similarTo, showSimilar }
}
