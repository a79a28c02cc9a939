/** The person's API keys. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'
import type { ApiKeyScope } from '@/api/types'

const KEY = ['api-keys']

export function useApiKeys() {
  const client = useQueryClient()
  const readAnew = () => client.invalidateQueries({ queryKey: KEY })

  const query = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/v1/api-keys')) })
  const create = useMutation({
    mutationFn: (body: { name: string; scopes: ApiKeyScope[] }) => unwrap(api.POST('/api/v1/api-keys', { body })),
    onSuccess: readAnew,
  })
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/api-keys/{key_id}', { params: { path: { key_id: id } } })),
    onSuccess: readAnew,
  })
  return { query, create, revoke }
}
