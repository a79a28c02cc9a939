/** Runs: everything that workers do or did, step by step. */
import { mdiPulse } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/runs', name: 'runs', component: () => import('./pages/RunsPage.vue') },
  { path: '/runs/:id', name: 'run', component: () => import('./pages/RunPage.vue'), props: true },
]

export const nav = { icon: mdiPulse, labelKey: 'runs.nav.label', to: '/runs', order: 5 }
