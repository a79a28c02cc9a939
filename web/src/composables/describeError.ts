/** An error as a sentence in the reader's language; the gateway's own sentence where we have none. */
import type { ComposerTranslation } from 'vue-i18n'

import { ApiError } from '@/api/errors'

export function describeError(error: unknown, { t, te }: { t: ComposerTranslation; te: (key: string) => boolean }): string {
  if (!(error instanceof ApiError)) return t('errors.unexpected_reply')
  return describeCode(error.code, error.message, { t, te })
}

export function describeCode(code: string, message: string, { t, te }: { t: ComposerTranslation; te: (key: string) => boolean }): string {
  const key = `errors.${code}`
  return te(key) ? t(key) : message || t('errors.unexpected_reply')
}
