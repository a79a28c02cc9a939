/** Short notices at the foot of the page. */
import { readonly, ref } from 'vue'

export type NoticeKind = 'info' | 'success' | 'error'

export interface Notice {
  id: number
  text: string
  kind: NoticeKind
}

const current = ref<Notice | null>(null)
let count = 0

export function notify(text: string, kind: NoticeKind = 'info'): void {
  current.value = { id: ++count, text, kind }
}

export function useNotice() {
  return { notice: readonly(current), notify, dismiss: () => (current.value = null) }
}
