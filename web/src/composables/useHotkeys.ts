/** Keys for the time a component lives. */
import { onBeforeUnmount, onMounted } from 'vue'

type Handler = (event: KeyboardEvent) => void

/** `mod+k`, `alt+1`, `escape`, `?`, `arrowdown`; single characters are left alone while somebody types. */
export function useHotkeys(keys: Record<string, Handler>): void {
  function listen(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    const modifier = event.ctrlKey || event.metaKey ? 'mod+' : event.altKey ? 'alt+' : ''
    const plain = event.key.length === 1 && modifier === ''
    if (plain && isTyping(event.target)) return
    keys[modifier + keyName(event)]?.(event)
  }
  onMounted(() => window.addEventListener('keydown', listen))
  onBeforeUnmount(() => window.removeEventListener('keydown', listen))
}

/** With Alt, a Mac types another character; the digit is what was meant. */
function keyName(event: KeyboardEvent): string {
  return event.altKey && event.code.startsWith('Digit') ? event.code.slice(-1) : event.key.toLowerCase()
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
