/** Who is signed in, and how to come and go. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'

import { api, unwrap } from '@/api/client'
import { forgetTokens, readTokens, storeTokens } from '@/api/tokens'

export function useSession() {
  const client = useQueryClient()
  const me = useQuery({
    queryKey: ['me'],
    queryFn: () => unwrap(api.GET('/api/v1/auth/me')),
    enabled: () => readTokens() !== null,
    staleTime: 300_000,
  })
  const user = computed(() => me.data.value ?? null)
  const isAdmin = computed(() => user.value?.role === 'admin')

  async function signIn(email: string, password: string): Promise<void> {
    storeTokens(await unwrap(api.POST('/api/v1/auth/login', { body: { email, password } })))
    client.clear()
  }

  /** Loads the app anew, so that nothing of this person stays in memory. */
  async function signOut(): Promise<void> {
    const refresh_token = readTokens()?.refresh
    if (refresh_token) await api.POST('/api/v1/auth/logout', { body: { refresh_token } }).catch(() => undefined)
    forgetTokens()
    window.location.assign('/sign-in')
  }

  return { user, isAdmin, signIn, signOut }
}
