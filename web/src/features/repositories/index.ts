/** Repositories: adding, watching, looking into and removing them. */
import { mdiSourceBranch } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/repositories', name: 'repositories', component: () => import('./pages/RepositoriesPage.vue') },
  { path: '/repositories/:id', name: 'repository', component: () => import('./pages/RepositoryPage.vue'), props: true },
]

export const nav = { icon: mdiSourceBranch, labelKey: 'repositories.nav.label', to: '/repositories', order: 2 }
