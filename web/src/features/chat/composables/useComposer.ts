/** The text being written: its triggers, its scope and what becomes of a choice. */
import { computed, nextTick, ref, watch, type Ref } from 'vue'

import { findTrigger, replaceTrigger, type Trigger } from './mentions'
import { useSuggestions, type Suggestion, type Workflow } from './useSuggestions'

export function useComposer(text: Ref<string>, scope: Ref<string[]>, workflow: Ref<Workflow>, field: Ref<HTMLTextAreaElement | null>) {
  const trigger = ref<Trigger | null>(null)
  const chosen = ref(0)
  const dismissed = ref('')
  const { suggestions } = useSuggestions(trigger, scope)
  const menuOpen = computed(() => trigger.value !== null && suggestions.value.length > 0)

  watch(suggestions, () => (chosen.value = 0))

  function lookAround(): void {
    const found = findTrigger(text.value, field.value?.selectionStart ?? text.value.length)
    const sign = found ? `${found.kind}${found.start}` : ''
    if (sign !== dismissed.value) dismissed.value = ''
    trigger.value = dismissed.value ? null : found
  }

  async function choose(suggestion: Suggestion | undefined): Promise<void> {
    const current = trigger.value
    if (!suggestion || !current) return
    if (suggestion.kind === 'repository') scope.value = [...scope.value, suggestion.id]
    if (suggestion.kind === 'workflow') workflow.value = suggestion.id as Workflow
    const caret = field.value?.selectionStart ?? text.value.length
    const replaced = replaceTrigger(text.value, caret, current, suggestion.kind === 'file' ? `\`${suggestion.id}\`` : '')
    text.value = replaced.text
    trigger.value = null
    await nextTick()
    field.value?.focus()
    field.value?.setSelectionRange(replaced.caret, replaced.caret)
  }

  /** Keys that belong to the open menu; true when one was taken. */
  function menuKey(event: KeyboardEvent): boolean {
    if (!menuOpen.value || event.isComposing) return false
    const count = suggestions.value.length
    if (event.key === 'ArrowDown') chosen.value = (chosen.value + 1) % count
    else if (event.key === 'ArrowUp') chosen.value = (chosen.value + count - 1) % count
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') void choose(suggestions.value[chosen.value])
    else if (event.key === 'Escape') dismiss()
    else return false
    event.preventDefault()
    return true
  }

  function dismiss(): void {
    dismissed.value = trigger.value ? `${trigger.value.kind}${trigger.value.start}` : ''
    trigger.value = null
  }

  return { suggestions, menuOpen, chosen, lookAround, choose, menuKey, dismiss }
}
