/** How server data is fetched, kept and tried again. */
import { QueryClient } from '@tanstack/vue-query'

import { ApiError } from '@/api/errors'

const TRIES = 2

/** Only what may pass by itself is tried again; a refusal stays a refusal. */
function worthRetrying(failures: number, error: Error): boolean {
  return failures < TRIES && error instanceof ApiError && (error.status === 0 || error.status >= 502)
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: true } },
  })
}
