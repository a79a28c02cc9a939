/** What the gateway says about itself: version, languages, limits. */
import { useQuery } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'

export function useConfig() {
  return useQuery({
    queryKey: ['config'],
    queryFn: () => unwrap(api.GET('/api/v1/config')),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
