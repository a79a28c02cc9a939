/** Applies the chosen theme and language to the page. */
import { computed, watchEffect } from 'vue'
import { useI18n } from 'vue-i18n'
import { useTheme } from 'vuetify'

import type { ThemeName } from '@/plugins/theme'
import { usePreferences } from '@/stores/preferences'

import { useMediaQuery } from './useMediaQuery'

export function useAppearance(): void {
  const preferences = usePreferences()
  const theme = useTheme()
  const { locale } = useI18n({ useScope: 'global' })
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)')
  const systemContrast = useMediaQuery('(prefers-contrast: more)')

  const name = computed<ThemeName>(() => {
    const dark = preferences.theme === 'system' ? systemDark.value : preferences.theme === 'dark'
    if (preferences.highContrast || systemContrast.value) return dark ? 'contrastDark' : 'contrastLight'
    return dark ? 'dark' : 'light'
  })

  watchEffect(() => {
    theme.change(name.value)
    document.documentElement.dataset.theme = name.value
  })
  watchEffect(() => {
    locale.value = preferences.locale
    document.documentElement.lang = preferences.locale
  })
}
