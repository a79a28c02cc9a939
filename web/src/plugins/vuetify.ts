/** Vuetify with our tokens; components are imported where they are used. */
import { createVuetify } from 'vuetify'
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg'

import { themes } from './theme'

export function makeVuetify() {
  return createVuetify({
    theme: { defaultTheme: 'light', themes },
    icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
    display: { mobileBreakpoint: 760, thresholds: { sm: 560, md: 760, lg: 1180, xl: 1600 } },
    defaults: {
      global: { ripple: false },
      VBtn: { rounded: 'lg', variant: 'text', height: 34, elevation: 0 },
      VTextField: { variant: 'outlined', density: 'compact', hideDetails: 'auto', rounded: 'lg' },
      VTextarea: { variant: 'outlined', density: 'compact', hideDetails: 'auto', rounded: 'lg' },
      VSelect: { variant: 'outlined', density: 'compact', hideDetails: 'auto', rounded: 'lg' },
      VCheckbox: { density: 'compact', hideDetails: 'auto', color: 'primary' },
      VMenu: { transition: false, offset: 6 },
      VDialog: { transition: false },
      VTooltip: { openDelay: 400, transition: false },
    },
  })
}
