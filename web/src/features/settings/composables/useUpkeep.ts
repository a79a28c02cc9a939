/** The index as a whole and its backups; administrators only. Read again while somebody looks: runs change them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'

const INTERVAL_MS = 4000
const INDEX = ['index']
const BACKUPS = ['backups']

export function useIndex() {
  const query = useQuery({ queryKey: INDEX, queryFn: () => unwrap(api.GET('/api/v1/index')), refetchInterval: INTERVAL_MS })
  const client = useQueryClient()
  const rebuild = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/index/rebuild')),
    onSuccess: () => client.invalidateQueries({ queryKey: INDEX }),
  })
  return { query, rebuild }
}

export function useBackups() {
  const client = useQueryClient()
  const again = () => client.invalidateQueries({ queryKey: BACKUPS })
  const query = useQuery({ queryKey: BACKUPS, queryFn: () => unwrap(api.GET('/api/v1/backups')), refetchInterval: INTERVAL_MS })
  const create = useMutation({ mutationFn: () => unwrap(api.POST('/api/v1/backups')), onSuccess: again })
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/backups/{backup_id}', { params: { path: { backup_id: id } } })),
    onSuccess: again,
  })
  const restore = useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/backups/{backup_id}/restore', { params: { path: { backup_id: id } } })),
    onSuccess: again,
  })
  return { query, create, remove, restore }
}
