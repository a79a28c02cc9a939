/** Everything the palette can do. */
import { mdiBookOpenVariantOutline, mdiKeyboardOutline, mdiMessageOutline, mdiMessagePlusOutline, mdiSourceRepository, mdiThemeLightDark, mdiTranslate } from '@mdi/js'
import { useQuery } from '@tanstack/vue-query'
import { computed, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

import { api, unwrap } from '@/api/client'
import { useRepositories } from '@/composables/useRepositories'
import { navEntries } from '@/features'
import { LOCALES } from '@/plugins/i18n'
import { useInterface } from '@/stores/interface'
import { THEMES, usePreferences } from '@/stores/preferences'

export interface Command {
  id: string
  icon: string
  group: string
  label: string
  run: () => void
}

export function useCommands(open: Ref<boolean>): ComputedRef<Command[]> {
  const { t } = useI18n()
  const router = useRouter()
  const preferences = usePreferences()
  const ui = useInterface()
  const { indexed } = useRepositories()
  const { data: sessions } = useQuery({
    queryKey: ['sessions', 'palette'],
    queryFn: () => unwrap(api.GET('/api/v1/chat/sessions', { params: { query: { limit: 50 } } })),
    enabled: open,
  })
  const go = (to: string) => () => void router.push(to)

  return computed(() => [
    { id: 'new', icon: mdiMessagePlusOutline, group: '', label: t('palette.newChat'), run: go('/chat') },
    ...navEntries.map(({ icon, labelKey, to }) => ({ id: `go${to}`, icon, group: t('palette.group.page'), label: t(labelKey), run: go(to) })),
    ...(sessions.value?.items ?? []).map(({ id, title }) => ({ id, icon: mdiMessageOutline, group: t('palette.group.chat'), label: title || t('palette.untitled'), run: go(`/chat/${id}`) })),
    ...indexed.value.map(({ id, name }) => ({ id: `repository-${id}`, icon: mdiSourceRepository, group: t('palette.group.repository'), label: name, run: go(`/repositories/${id}`) })),
    ...indexed.value.map(({ id, name }) => ({ id: `docs-${id}`, icon: mdiBookOpenVariantOutline, group: t('palette.group.docs'), label: name, run: go(`/docs/${id}`) })),
    ...THEMES.map((theme) => ({ id: `theme-${theme}`, icon: mdiThemeLightDark, group: t('frame.theme.label'), label: t(`frame.theme.${theme}`), run: () => void (preferences.theme = theme) })),
    ...LOCALES.map((locale) => ({ id: `locale-${locale}`, icon: mdiTranslate, group: t('frame.language.label'), label: t(`frame.language.${locale}`), run: () => void (preferences.locale = locale) })),
    { id: 'shortcuts', icon: mdiKeyboardOutline, group: '', label: t('shortcuts.title'), run: () => void (ui.shortcutsOpen = true) },
  ])
}
