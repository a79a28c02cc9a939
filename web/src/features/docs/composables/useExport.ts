/** Fetches an export and hands it to the browser as a download. */
import { useMutation } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'
import type { ExportFormat } from '@/api/types'
import type { Locale } from '@/plugins/i18n'

interface Wanted {
  repositoryId: string
  name: string
  format: ExportFormat
  language: Locale
}

const ENDINGS: Record<ExportFormat, string> = { markdown: 'docs.zip', site: 'site.zip', json: 'docs.json' }

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

export function useExport() {
  return useMutation({
    mutationFn: async ({ repositoryId, name, format, language }: Wanted) => {
      const query = { repository_id: repositoryId, format, language }
      const content = await unwrap(api.GET('/api/v1/documents/export', { params: { query }, parseAs: 'blob' }))
      save(content as Blob, `${name}-${ENDINGS[format]}`)
    },
  })
}
