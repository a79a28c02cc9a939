/** How the services feel, and which breakers are open; read again while somebody looks. */
import { useQuery } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'

const INTERVAL_MS = 4000

export function useSystemHealth() {
  return useQuery({
    queryKey: ['health'],
    queryFn: () => unwrap(api.GET('/api/v1/health')),
    refetchInterval: INTERVAL_MS,
  })
}

export function useBreakers() {
  return useQuery({
    queryKey: ['circuit-breakers'],
    queryFn: () => unwrap(api.GET('/api/v1/circuit-breakers')),
    refetchInterval: INTERVAL_MS,
  })
}
