/** What a person can do with repositories; every action reads the lists anew. */
import { useMutation, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'
import type { RepositoryAccepted, RunAccepted } from '@/api/types'
import { upload, type UploadOptions } from '@/api/upload'

export interface ArchiveUpload extends UploadOptions {
  archive: File
  name: string
}

export interface RepositoryAddress {
  url: string
  ref: string
}

function idPath(id: string) {
  return { params: { path: { repository_id: id } } }
}

export function useRepositoryActions() {
  const client = useQueryClient()

  async function readAnew(): Promise<void> {
    const keys = ['repositories', 'repository', 'runs', 'documents', 'tree', 'problems', 'symbols']
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })))
  }

  const addUrl = useMutation({
    mutationFn: ({ url, ref }: RepositoryAddress) =>
      unwrap(api.POST('/api/v1/repositories', { body: { url, ref: ref || null, name: null } })),
    onSuccess: readAnew,
  })

  const addArchive = useMutation({
    mutationFn: ({ archive, name, ...options }: ArchiveUpload) => {
      const form = new FormData()
      form.append('name', name)
      form.append('archive', archive)
      return upload<RepositoryAccepted>('/api/v1/repositories', form, options)
    },
    onSuccess: readAnew,
  })

  const indexAgain = useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/repositories/{repository_id}/index', { ...idPath(id), body: { ref: null } })),
    onSuccess: readAnew,
  })

  const indexArchive = useMutation({
    mutationFn: ({ id, archive, ...options }: UploadOptions & { id: string; archive: File }) => {
      const form = new FormData()
      form.append('archive', archive)
      return upload<RunAccepted>(`/api/v1/repositories/${id}/index`, form, options)
    },
    onSuccess: readAnew,
  })

  const remove = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/repositories/{repository_id}', idPath(id))),
    onSuccess: readAnew,
  })

  const cancel = useMutation({
    mutationFn: (runId: string) => unwrap(api.POST('/api/v1/runs/{run_id}/cancel', { params: { path: { run_id: runId } } })),
    onSuccess: readAnew,
  })

  return { addUrl, addArchive, indexAgain, indexArchive, remove, cancel }
}
