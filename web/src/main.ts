/** Puts the app together. */
import 'pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import 'vuetify/styles'
import '@/styles/base.css'
import '@/styles/prose.css'
import '@/styles/code.css'

import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from '@/App.vue'
import { onSignedOut } from '@/api/tokens'
import { i18n } from '@/plugins/i18n'
import { makeQueryClient } from '@/plugins/query'
import { makeVuetify } from '@/plugins/vuetify'
import { makeRouter } from '@/router'

const queryClient = makeQueryClient()
const router = makeRouter()

onSignedOut(() => {
  queryClient.clear()
  const here = router.currentRoute.value
  if (!here.meta.open) void router.replace({ name: 'sign-in', query: { next: here.fullPath, ended: '1' } })
})

/** After an update the old pages' files are gone: the app loads itself anew, once. */
window.addEventListener('vite:preloadError', () => {
  if (sessionStorage.getItem('codemuse.reloaded') === import.meta.url) return
  sessionStorage.setItem('codemuse.reloaded', import.meta.url)
  window.location.reload()
})

createApp(App)
  .use(createPinia())
  .use(i18n)
  .use(makeVuetify())
  .use(VueQueryPlugin, { queryClient })
  .use(router)
  .mount('#app')
