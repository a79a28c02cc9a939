/**
 * Enter sends, Shift+Enter breaks the line, and an input method composes first.
 *
 * Browsers disagree on the key events of an Enter that ends a composition (Chrome: key code 229 and `isComposing`;
 * Safari: 229 after the composition; a Mac with Korean: a second, real Enter). They agree on what the text gets: a line break
 * is announced by `beforeinput` once the input method has passed the Enter on. So that is what sends: not lost, not doubled.
 */
const BREAKS = new Set(['insertLineBreak', 'insertParagraph'])

export function useEnterToSend(send: () => void) {
  let shift = false
  let owed = false

  function keydown(event: KeyboardEvent): void {
    if (event.key === 'Enter') shift = event.shiftKey
  }

  function beforeinput(event: Event): void {
    const { inputType, isComposing } = event as InputEvent
    if (!BREAKS.has(inputType) || shift) return
    event.preventDefault()
    if (isComposing) owed = true
    else send()
  }

  /** The break came while the last syllable was still open: the whole text is sent once it is closed. */
  function compositionend(): void {
    if (!owed) return
    owed = false
    setTimeout(send)
  }

  return { keydown, beforeinput, compositionend }
}
