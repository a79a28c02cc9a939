/** Search: code by meaning, by words and by name. */
import { mdiMagnify } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/search', name: 'search', component: () => import('./pages/SearchPage.vue') },
]

export const nav = { icon: mdiMagnify, labelKey: 'search.nav.label', to: '/search', order: 4 }
