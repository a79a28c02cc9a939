/** The language that pages are read in: the app's, until another one is chosen here. */
import { computed, ref } from 'vue'

import type { Locale } from '@/plugins/i18n'
import { usePreferences } from '@/stores/preferences'

const chosen = ref<Locale | null>(null)

export function usePageLanguage() {
  const preferences = usePreferences()
  const language = computed<Locale>({
    get: () => chosen.value ?? preferences.locale,
    set: (locale) => (chosen.value = locale),
  })
  return { language }
}
