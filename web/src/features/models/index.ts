/** Language models: who answers, what it took, what may be spent, what is told, what is written down. */
import { mdiCreationOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/models/:section?', name: 'models', component: () => import('./pages/ModelsPage.vue'), props: true },
]

export const nav = { icon: mdiCreationOutline, labelKey: 'models.nav.label', to: '/models', order: 5.5 }
