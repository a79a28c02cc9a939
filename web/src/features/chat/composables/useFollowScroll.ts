/** The page follows a growing answer only while its reader is at the end. */
import { nextTick, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const NEAR = 48

export function useFollowScroll(scroller: Ref<HTMLElement | null>, content: Ref<HTMLElement | null>) {
  const atEnd = ref(true)
  const growth = new ResizeObserver(() => atEnd.value && toEnd())

  function toEnd(): void {
    const element = scroller.value
    if (element) element.scrollTop = element.scrollHeight
  }
  function noteScroll(): void {
    const element = scroller.value
    if (element) atEnd.value = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
  }
  async function jumpToEnd(): Promise<void> {
    atEnd.value = true
    await nextTick()
    toEnd()
  }
  onMounted(() => {
    scroller.value?.addEventListener('scroll', noteScroll, { passive: true })
    if (content.value) growth.observe(content.value)
  })
  onBeforeUnmount(() => {
    scroller.value?.removeEventListener('scroll', noteScroll)
    growth.disconnect()
  })
  return { atEnd, jumpToEnd }
}
