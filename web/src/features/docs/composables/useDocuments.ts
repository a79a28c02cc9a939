/** The documents of a repository, one of them in full, and what is done with them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import { api, unwrap } from '@/api/client'
import type { DocumentRead, DocumentSummary } from '@/api/types'
import type { Locale } from '@/plugins/i18n'

type Id = MaybeRefOrGetter<string | undefined>

const PAGE = 1000
const OVERVIEW = 'overview'

async function listAll(repositoryId: string, language: Locale): Promise<DocumentSummary[]> {
  const items: DocumentSummary[] = []
  let cursor: string | undefined
  do {
    const query = { repository_id: repositoryId, language, cursor, limit: PAGE }
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

export function useDocuments(repositoryId: Id, language: MaybeRefOrGetter<Locale>) {
  return useQuery({
    queryKey: computed(() => ['documents', toValue(repositoryId), toValue(language)]),
    queryFn: () => listAll(toValue(repositoryId) ?? '', toValue(language)),
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

/** What every change of a document does to what is known of it. */
function useChanged() {
  const client = useQueryClient()
  return async (document: DocumentRead) => {
    await client.invalidateQueries({ queryKey: ['document', document.id] })
    await client.invalidateQueries({ queryKey: ['documents', document.repository_id] })
    await client.invalidateQueries({ queryKey: ['history', document.id] })
  }
}

export function useDocumentUpdate() {
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; title: string; content: string; revision: number }) =>
      unwrap(api.PUT('/api/v1/documents/{document_id}', { params: { path: { document_id: id } }, body })),
    onSuccess: useChanged(),
  })
}

export function useConflictResolution() {
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; section: string; keep: 'edit' | 'generated' }) =>
      unwrap(api.POST('/api/v1/documents/{document_id}/resolve', { params: { path: { document_id: id } }, body })),
    onSuccess: useChanged(),
  })
}

export function useRestoration() {
  return useMutation({
    mutationFn: ({ id, revision }: { id: string; revision: number }) =>
      unwrap(api.POST('/api/v1/documents/{document_id}/restore', { params: { path: { document_id: id } }, body: { revision } })),
    onSuccess: useChanged(),
  })
}

export function useGeneration() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { repository_id: string; language: Locale }) => unwrap(api.POST('/api/v1/documents/generate', { body })),
    onSuccess: (_, { repository_id }) => client.invalidateQueries({ queryKey: ['documents', repository_id] }),
  })
}
