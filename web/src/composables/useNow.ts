/** The present moment, ticking, for what is under way. */
import { onBeforeUnmount, ref } from 'vue'

export function useNow(everyMs = 1000) {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), everyMs)
  onBeforeUnmount(() => clearInterval(timer))
  return now
}
