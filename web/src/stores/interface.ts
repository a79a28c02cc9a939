/** What floats above the pages: palette, shortcuts, the context sheet of small screens. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useInterface = defineStore('interface', () => {
  const paletteOpen = ref(false)
  const shortcutsOpen = ref(false)
  const sheetOpen = ref(false)
  return { paletteOpen, shortcutsOpen, sheetOpen }
})
