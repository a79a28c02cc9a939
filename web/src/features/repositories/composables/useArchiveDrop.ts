/** Dropping a file on an element: says while something hovers, hands over the first file. */
import { ref } from 'vue'

export function useArchiveDrop(accept: (file: File) => void) {
  const hovering = ref(false)
  let depth = 0

  function carriesFile(event: DragEvent): boolean {
    return event.dataTransfer?.types.includes('Files') ?? false
  }

  const listeners = {
    dragenter(event: DragEvent): void {
      if (!carriesFile(event)) return
      event.preventDefault()
      depth += 1
      hovering.value = true
    },
    dragover(event: DragEvent): void {
      if (carriesFile(event)) event.preventDefault()
    },
    dragleave(event: DragEvent): void {
      if (!carriesFile(event)) return
      depth -= 1
      hovering.value = depth > 0
    },
    drop(event: DragEvent): void {
      event.preventDefault()
      depth = 0
      hovering.value = false
      const file = event.dataTransfer?.files[0]
      if (file) accept(file)
    },
  }
  return { hovering, listeners }
}
