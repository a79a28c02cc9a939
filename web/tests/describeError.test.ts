import { expect, it } from 'vitest'
import type { ComposerTranslation } from 'vue-i18n'

import { ApiError } from '@/api/errors'
import { describeError } from '@/composables/describeError'
import { i18n } from '@/plugins/i18n'

const { te, locale } = i18n.global
const t = i18n.global.t as unknown as ComposerTranslation

function describeIn(language: 'en' | 'ko', code: string, details: Record<string, unknown> = {}): string {
  locale.value = language
  return describeError(new ApiError({ code, message: 'As the server says it.', status: 422, details }), { t, te })
}

it('says what is wrong with a query in the language of the reader, with the word that was written', () => {
  const wrong = { problem: 'language', value: 'klingon' }
  expect(describeIn('ko', 'invalid_query', wrong)).toContain('“klingon”라는 언어는 없습니다')
  expect(describeIn('en', 'invalid_query', wrong)).toContain('no language “klingon”')
})

it('shows what was written as it was written', () => {
  expect(describeIn('en', 'invalid_query', { problem: 'pattern', value: '{a}|@:b', reason: 'missing )' })).toContain('“{a}|@:b”')
})

it('falls back to the sentence of the server', () => {
  expect(describeIn('ko', 'invalid_query', { problem: 'something new' })).toBe('As the server says it.')
  expect(describeIn('ko', 'never_heard_of')).toBe('As the server says it.')
})
