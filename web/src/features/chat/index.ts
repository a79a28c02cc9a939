/** The conversation with the code. */
import { mdiMessageTextOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

import type { NavEntry } from '@/features'

export const routes: RouteRecordRaw[] = [{ path: '/chat/:sessionId?', name: 'chat', component: () => import('./pages/ChatPage.vue') }]

export const nav: NavEntry = { icon: mdiMessageTextOutline, labelKey: 'chat.nav.label', to: '/chat', order: 1 }
