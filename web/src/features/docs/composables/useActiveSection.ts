/** Which section of an article is being read: the last heading above the upper third of its pane. */
import { nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'

const LINE = 1 / 3

export function useActiveSection(pane: Ref<HTMLElement | null>, ids: Ref<readonly string[]>) {
  const active = ref<string | null>(null)
  let scheduled = 0

  function measure(): void {
    scheduled = 0
    const box = pane.value?.getBoundingClientRect()
    if (!box) return
    const line = box.top + box.height * LINE
    const above = ids.value.filter((id) => (document.getElementById(id)?.getBoundingClientRect().top ?? Infinity) <= line)
    active.value = above.at(-1) ?? ids.value[0] ?? null
  }

  function schedule(): void {
    scheduled ||= requestAnimationFrame(measure)
  }

  onMounted(() => pane.value?.addEventListener('scroll', schedule, { passive: true }))
  onBeforeUnmount(() => {
    pane.value?.removeEventListener('scroll', schedule)
    cancelAnimationFrame(scheduled)
  })
  watch(ids, () => void nextTick(measure), { immediate: true })
  return active
}
