/** The pages that a reader sees: in the language asked for, or in another one while nobody has had them written in it. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

import type { DocumentSummary } from '@/api/types'
import { LOCALES, type Locale } from '@/plugins/i18n'

import { useDocuments } from './useDocuments'

/** Prose files have the language that they have; what is written from code may be missing in one. */
function isWritten(pages: readonly DocumentSummary[] | undefined): boolean | undefined {
  return pages?.some(({ kind }) => kind !== 'page')
}

export function useShownDocuments(repositoryId: MaybeRefOrGetter<string | undefined>, language: MaybeRefOrGetter<Locale>) {
  const asked = useDocuments(repositoryId, language)
  const isMissing = computed(() => isWritten(asked.data.value) === false)
  const other = computed<Locale>(() => LOCALES.find((locale) => locale !== toValue(language)) ?? toValue(language))
  const instead = useDocuments(() => (isMissing.value ? toValue(repositoryId) : undefined), other)
  const isReplaced = computed(() => isMissing.value && isWritten(instead.data.value) === true)
  /** Nothing until it is known which of the two lists is shown. */
  const documents = computed<readonly DocumentSummary[] | undefined>(() => {
    if (!isMissing.value) return asked.data.value
    return instead.isPending.value ? undefined : isReplaced.value ? instead.data.value : asked.data.value
  })
  return { query: asked, documents, isMissing, isReplaced }
}
