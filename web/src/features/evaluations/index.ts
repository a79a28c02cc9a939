/** Evaluations: how well search answers questions about a repository, and how that changes. */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/repositories/:id/evaluations', name: 'evaluations', component: () => import('./pages/EvaluationsPage.vue'), props: true },
  { path: '/evaluations/:id', name: 'evaluation', component: () => import('./pages/EvaluationPage.vue'), props: true },
]
