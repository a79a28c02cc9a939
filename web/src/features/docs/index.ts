/** Docs: what was written from the code, and the prose of the repositories. */
import { mdiBookOpenPageVariantOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/docs/:repositoryId?/:documentId?', name: 'docs', component: () => import('./pages/DocsPage.vue'), props: true },
]

export const nav = { icon: mdiBookOpenPageVariantOutline, labelKey: 'docs.nav.label', to: '/docs', order: 3 }
