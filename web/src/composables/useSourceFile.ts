/** A file as it stood at the commit that is spoken of; of one that nobody knows any more, as it stands now. */
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import { ApiError } from '@/api/errors'
import type { FileRead } from '@/api/types'

export interface SourcePlace {
  repositoryId: string
  path: string
  commit?: string
}

function isForgotten(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'version_not_found'
}

export function useSourceFile(place: MaybeRefOrGetter<SourcePlace>) {
  function read({ repositoryId, path, commit }: SourcePlace): Promise<FileRead> {
    const params = { path: { repository_id: repositoryId }, query: { path, as_of: commit || undefined } }
    return unwrap(api.GET('/api/v1/repositories/{repository_id}/files', { params }))
  }

  return useQuery({
    queryKey: computed(() => {
      const { repositoryId, path, commit } = toValue(place)
      return ['file', repositoryId, path, commit ?? '']
    }),
    queryFn: async () => {
      const wanted = toValue(place)
      try {
        return await read(wanted)
      } catch (error) {
        if (!isForgotten(error)) throw error
        return read({ ...wanted, commit: undefined })
      }
    },
  })
}
