/**
 * Where a conversation stands while an answer grows.
 *
 * A new question moves to the top of the pane and stays there, so that its answer is read from the beginning; whoever goes to the
 * end is kept at the end; whoever scrolls elsewhere is left alone.
 */
import { nextTick, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const NEAR = 48
const ABOVE_QUESTION = 14
type Mode = 'question' | 'end' | 'free'

export function useFollowScroll(scroller: Ref<HTMLElement | null>, content: Ref<HTMLElement | null>, questionSelector: string) {
  const atEnd = ref(true)
  let mode: Mode = 'question'
  let placed = 0
  const growth = new ResizeObserver(() => {
    place()
    note()
  })

  function target(element: HTMLElement): number {
    const end = element.scrollHeight - element.clientHeight
    const question = mode === 'question' ? [...element.querySelectorAll<HTMLElement>(questionSelector)].at(-1) : undefined
    if (!question) return end
    const top = question.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop
    return Math.min(end, top - ABOVE_QUESTION)
  }
  function place(): void {
    const element = scroller.value
    if (!element || mode === 'free') return
    element.scrollTop = target(element)
    placed = element.scrollTop
  }
  function note(): void {
    const element = scroller.value
    if (element) atEnd.value = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
  }
  /** Only a movement that is not ours says what the reader wants. */
  function scrolled(): void {
    note()
    if (scroller.value && Math.abs(scroller.value.scrollTop - placed) > 2) mode = atEnd.value ? 'end' : 'free'
  }
  async function go(to: Mode): Promise<void> {
    mode = to
    await nextTick()
    place()
    note()
  }

  onMounted(() => {
    scroller.value?.addEventListener('scroll', scrolled, { passive: true })
    if (content.value) growth.observe(content.value)
  })
  onBeforeUnmount(() => {
    scroller.value?.removeEventListener('scroll', scrolled)
    growth.disconnect()
  })
  return { atEnd, toEnd: () => go('end'), toQuestion: () => go('question') }
}
