/** How this person likes the app: language, theme, and which panes are open. Kept in this browser. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'

import { preferredLocale, type Locale } from '@/plugins/i18n'

export const THEMES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEMES)[number]

interface Stored {
  locale: Locale
  theme: ThemeChoice
  highContrast: boolean
  contextOpen: boolean
  evidenceWidth: number
  wrap: boolean
}

const KEY = 'codemuse.preferences'

function read(): Stored {
  const defaults: Stored = {
    locale: preferredLocale(navigator.languages),
    theme: 'system',
    highContrast: false,
    contextOpen: true,
    evidenceWidth: 560,
    wrap: false,
  }
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Stored>) }
  } catch {
    return defaults
  }
}

export const usePreferences = defineStore('preferences', () => {
  const stored = read()
  const locale = ref(stored.locale)
  const theme = ref(stored.theme)
  const highContrast = ref(stored.highContrast)
  const contextOpen = ref(stored.contextOpen)
  const evidenceWidth = ref(stored.evidenceWidth)
  const wrap = ref(stored.wrap)

  watch([locale, theme, highContrast, contextOpen, evidenceWidth, wrap], () => {
    const now: Stored = {
      locale: locale.value,
      theme: theme.value,
      highContrast: highContrast.value,
      contextOpen: contextOpen.value,
      evidenceWidth: evidenceWidth.value,
      wrap: wrap.value,
    }
    localStorage.setItem(KEY, JSON.stringify(now))
  })

  return { locale, theme, highContrast, contextOpen, evidenceWidth, wrap }
})
