/** Up, down, Enter and Escape between the search field and the results. */
import { ref, watch, type Ref } from 'vue'

interface Keys {
  field: Ref<HTMLElement | null>
  list: Ref<HTMLElement | null>
  count: () => number
  open: (index: number) => void
}

export function useResultKeys({ field, list, count, open }: Keys) {
  const active = ref(-1)
  watch(count, () => (active.value = -1))

  function focusField(): void {
    active.value = -1
    field.value?.querySelector('input')?.focus()
  }

  function move(to: number): void {
    if (to < 0) return focusField()
    active.value = Math.min(to, count() - 1)
    const result = list.value?.querySelectorAll<HTMLElement>('article')[active.value]
    result?.focus({ preventScroll: true })
    result?.scrollIntoView({ block: 'nearest' })
  }

  function onKey(event: KeyboardEvent): void {
    if (event.isComposing || count() === 0) return
    const actions: Record<string, () => void> = {
      ArrowDown: () => move(active.value + 1),
      ArrowUp: () => move(active.value - 1),
      Escape: focusField,
    }
    if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) actions.Enter = () => open(Math.max(0, active.value))
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }

  return { active, onKey }
}
