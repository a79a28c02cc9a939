/** A value that follows another one once it has come to rest. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

export function refDebounced<Value>(source: Ref<Value>, restMs: number): Readonly<Ref<Value>> {
  const settled = ref(source.value) as Ref<Value>
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(source, (value) => {
    clearTimeout(timer)
    timer = setTimeout(() => (settled.value = value), restMs)
  })
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
