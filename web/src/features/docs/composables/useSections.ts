/** The sections of a document that an outline shows. */
import { computed, type Ref } from 'vue'

import { outline } from '@/composables/markdown'

export interface Section {
  id: string
  level: number
  title: string
}

export function useSections(text: Ref<string>) {
  return computed<Section[]>(() => outline(text.value).filter(({ level }) => level === 2 || level === 3))
}
