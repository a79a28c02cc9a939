/** An error as a sentence in the reader's language; the gateway's own sentence where we have none. */
import type { ComposerTranslation } from 'vue-i18n'

import { ApiError } from '@/api/errors'

type Translating = { t: ComposerTranslation; te: (key: string) => boolean }

export function describeError(error: unknown, { t, te }: Translating): string {
  if (!(error instanceof ApiError)) return t('errors.unexpected_reply')
  const exact = `errors.${error.code}_${String(error.details.problem)}`
  return te(exact) ? t(exact, error.details) : describeCode(error.code, error.message, { t, te })
}

export function describeCode(code: string, message: string, { t, te }: Translating): string {
  const key = `errors.${code}`
  return te(key) ? t(key) : message || t('errors.unexpected_reply')
}
