/** A media query as a ref. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

export function useMediaQuery(query: string): Readonly<Ref<boolean>> {
  const list = window.matchMedia(query)
  const matches = ref(list.matches)
  const update = () => (matches.value = list.matches)
  list.addEventListener('change', update)
  onScopeDispose(() => list.removeEventListener('change', update))
  return readonly(matches)
}

/** Whether the window is so narrow that panes become sheets. */
export function useNarrow(): Readonly<Ref<boolean>> {
  return useMediaQuery('(max-width: 760px)')
}
