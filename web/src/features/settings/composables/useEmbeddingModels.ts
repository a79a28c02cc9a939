/** The models that make vectors: which are in memory, and bringing them in and out. Read again while somebody looks. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'

const INTERVAL_MS = 4000
const MODELS = ['embedding-models']

export function useEmbeddingModels() {
  const client = useQueryClient()
  const again = () => client.invalidateQueries({ queryKey: MODELS })
  const query = useQuery({ queryKey: MODELS, queryFn: () => unwrap(api.GET('/api/v1/embedding-models')), refetchInterval: INTERVAL_MS })
  const load = useMutation({ mutationFn: (model: string) => unwrap(api.POST('/api/v1/embedding-models/load', { body: { model } })), onSuccess: again })
  const unload = useMutation({ mutationFn: (model: string) => unwrap(api.POST('/api/v1/embedding-models/unload', { body: { model } })), onSuccess: again })
  return { query, load, unload }
}
