/** Which lines the evidence pane shows, and how wide it is. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

import { usePreferences } from './preferences'

export interface EvidenceTarget {
  repositoryId: string
  path: string
  startLine: number
  endLine: number
  commit?: string
  symbol?: string | null
  /** The citation's number, where an answer speaks of it. */
  number?: number
}

const NARROWEST = 340
const MAIN_PANE = 420

export const useEvidenceStore = defineStore('evidence', () => {
  const preferences = usePreferences()
  const shown = ref<EvidenceTarget | null>(null)

  function open(target: EvidenceTarget): void {
    shown.value = { ...target }
  }
  function close(): void {
    shown.value = null
  }
  function resize(width: number): void {
    const widest = Math.max(NARROWEST, window.innerWidth - MAIN_PANE)
    preferences.evidenceWidth = Math.round(Math.min(widest, Math.max(NARROWEST, width)))
  }
  return { shown, open, close, resize }
})
