/** Versions: what of a repository's past can still be searched, and what changed between two of them. */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/repositories/:id/versions', name: 'versions', component: () => import('./pages/VersionsPage.vue'), props: true },
]
