/** The documents of a repository, one of them in full, and writing it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import type { DocumentSummary } from '@/api/types'

type Id = MaybeRefOrGetter<string | undefined>

const PAGE = 1000
const OVERVIEW = 'overview'

async function listAll(repositoryId: string): Promise<DocumentSummary[]> {
  const items: DocumentSummary[] = []
  let cursor: string | undefined
  do {
    const query = { repository_id: repositoryId, cursor, limit: PAGE }
    const page = await unwrap(api.GET('/api/v1/documents', { params: { query } }))
    items.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  return items
}

/** Where reading begins: the overview, or a readme, or whatever comes first. */
export function firstOf(documents: readonly DocumentSummary[]): DocumentSummary | undefined {
  const readme = documents.find(({ path }) => /^readme\b/i.test(path))
  return documents.find(({ kind }) => kind === OVERVIEW) ?? readme ?? documents[0]
}

export function isOverview(document: DocumentSummary): boolean {
  return document.kind === OVERVIEW
}

export function useDocuments(repositoryId: Id) {
  return useQuery({
    queryKey: computed(() => ['documents', toValue(repositoryId)]),
    queryFn: () => listAll(toValue(repositoryId) ?? ''),
    enabled: computed(() => Boolean(toValue(repositoryId))),
    staleTime: 60_000,
  })
}

export function useDocument(id: Id) {
  return useQuery({
    queryKey: computed(() => ['document', toValue(id)]),
    queryFn: () => unwrap(api.GET('/api/v1/documents/{document_id}', { params: { path: { document_id: toValue(id) ?? '' } } })),
    enabled: computed(() => Boolean(toValue(id))),
  })
}

export function useDocumentUpdate() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; title: string; content: string }) =>
      unwrap(api.PUT('/api/v1/documents/{document_id}', { params: { path: { document_id: id } }, body })),
    onSuccess: async (document) => {
      client.setQueryData(['document', document.id], document)
      await client.invalidateQueries({ queryKey: ['documents', document.repository_id] })
    },
  })
}
