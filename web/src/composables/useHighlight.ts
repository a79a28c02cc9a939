/** Code as coloured lines; plain until the colours are there, and never of an older text. */
import { computed, shallowRef, watch, type Ref } from 'vue'

import { highlight } from './highlighter'

export interface Piece {
  text: string
  /** A CSS variable of the theme. */
  colour?: string
}

const WAIT_MS = 60

export function useHighlight(code: Ref<string>, language: Ref<string>) {
  const coloured = shallowRef<{ code: string; lines: Piece[][] } | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function colour(): Promise<void> {
    const wanted = code.value
    const tokens = await highlight(wanted, language.value)
    if (wanted !== code.value) return
    const lines = tokens?.map((line) => line.map((token) => ({ text: token.content, colour: token.color })))
    coloured.value = lines ? { code: wanted, lines } : null
  }
  watch([code, language], () => {
    clearTimeout(timer)
    timer = setTimeout(() => void colour(), coloured.value === null ? 0 : WAIT_MS)
  }, { immediate: true })

  /** While text grows, the lines that did not change keep their colours. */
  const lines = computed<Piece[][]>(() => {
    const plain = code.value.split('\n')
    const known = coloured.value
    if (known === null) return plain.map((text) => [{ text }])
    const knownText = known.code.split('\n')
    return plain.map((text, index) => (knownText[index] === text ? (known.lines[index] ?? [{ text }]) : [{ text }]))
  })
  return { lines }
}
