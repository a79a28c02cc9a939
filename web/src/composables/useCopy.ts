/** Copying, with a sign that it worked; also where the clipboard API is not to be had (plain HTTP). */
import { ref } from 'vue'

const SHOWN_MS = 1500

export function useCopy() {
  const copied = ref(false)

  async function copy(text: string): Promise<void> {
    if ('clipboard' in navigator) await navigator.clipboard.writeText(text)
    else copyBySelection(text)
    copied.value = true
    setTimeout(() => (copied.value = false), SHOWN_MS)
  }
  return { copied, copy }
}

function copyBySelection(text: string): void {
  const field = document.createElement('textarea')
  field.value = text
  document.body.append(field)
  field.select()
  document.execCommand('copy')
  field.remove()
}
