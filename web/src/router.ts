/** Addresses: a list of features inside the frame, and the way to the sign-in page for whoever has no session. */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

import { readTokens } from '@/api/tokens'
import { featureRoutes } from '@/features'
import AppFrame from '@/layouts/AppFrame.vue'

const isOpen = (route: RouteRecordRaw) => route.meta?.open === true

export function makeRouter() {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      ...featureRoutes.filter(isOpen),
      {
        path: '/',
        component: AppFrame,
        children: [
          { path: '', redirect: '/chat' },
          ...featureRoutes.filter((route) => !isOpen(route)),
          { path: ':rest(.*)*', name: 'not-found', component: () => import('@/layouts/NotFound.vue') },
        ],
      },
    ],
  })
  router.beforeEach((to) => {
    if (to.meta.open || readTokens() !== null) return true
    return { name: 'sign-in', query: to.fullPath === '/chat' ? {} : { next: to.fullPath } }
  })
  return router
}
