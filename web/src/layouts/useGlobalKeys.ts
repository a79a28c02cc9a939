/** Keys that work on every page. */
import { useRouter } from 'vue-router'

import { useHotkeys } from '@/composables/useHotkeys'
import { navEntries } from '@/features'
import { useInterface } from '@/stores/interface'
import { usePreferences } from '@/stores/preferences'

const DIGITS = 9

export function useGlobalKeys(): void {
  const router = useRouter()
  const ui = useInterface()
  const preferences = usePreferences()

  const places = navEntries.slice(0, DIGITS).map(({ to }, index) => [`alt+${index + 1}`, () => void router.push(to)] as const)
  useHotkeys({
    ...Object.fromEntries(places),
    'mod+k': (event) => {
      event.preventDefault()
      ui.paletteOpen = !ui.paletteOpen
    },
    'mod+j': (event) => {
      event.preventDefault()
      void router.push('/chat')
    },
    '[': () => (preferences.contextOpen = !preferences.contextOpen),
    '?': () => (ui.shortcutsOpen = true),
  })
}
