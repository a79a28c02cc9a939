/** Models and roles of the organisation. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'
import type { ModelWrite, Providers, Role } from '@/api/types'

const KEY = ['providers']

export function useModels() {
  const client = useQueryClient()
  const take = (found: Providers) => client.setQueryData(KEY, found)
  const put = (body: { models?: ModelWrite[]; roles?: Partial<Record<Role, string[]>> }) =>
    unwrap(api.PUT('/api/v1/providers', { body: { models: body.models ?? [], roles: body.roles ?? {} } }))

  const query = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/v1/providers')) })
  const save = useMutation({ mutationFn: (model: ModelWrite) => put({ models: [model] }), onSuccess: take })
  const assign = useMutation({ mutationFn: (roles: Partial<Record<Role, string[]>>) => put({ roles }), onSuccess: take })
  const remove = useMutation({
    mutationFn: (name: string) => unwrap(api.DELETE('/api/v1/providers/{model_name}', { params: { path: { model_name: name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  })
  const test = useMutation({
    mutationFn: (body: { name?: string; model?: ModelWrite }) => unwrap(api.POST('/api/v1/providers/test', { body })),
  })
  return { query, save, assign, remove, test }
}
