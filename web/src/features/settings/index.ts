/** Settings: the person's own, API keys, and for administrators people and the system. */
import { mdiCogOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/settings/:section?', name: 'settings', component: () => import('./pages/SettingsPage.vue'), props: true },
]

export const nav = { icon: mdiCogOutline, labelKey: 'settings.nav.label', to: '/settings', order: 6 }
