import { baseCompile } from '@intlify/message-compiler'
import { expect, it } from 'vitest'

import { collectMessages, preferredLocale, type Messages } from '@/plugins/i18n'

function flatten(messages: Messages, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(messages).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flatten(value, `${prefix}${key}.`)],
    ),
  )
}
const english = flatten(collectMessages('en'))
const korean = flatten(collectMessages('ko'))
const sources = Object.entries(import.meta.glob<string>('../src/**/*.{vue,ts}', { eager: true, query: '?raw', import: 'default' }))
const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

it('says everything in both languages', () => {
  expect([...korean.keys()].sort()).toEqual([...english.keys()].sort())
})

it('leaves nothing untranslated', () => {
  const same = [...english].filter(([key, text]) => korean.get(key) === text && /[a-z]{4}/i.test(text.replace(/\{\w+\}|'@'/g, ''))).map(([key]) => key)
  expect(same.filter((key) => !/language|title$|nav|scope|mode|example|key/i.test(key))).toEqual([])
})

it('fills the same places in both languages', () => {
  const different = [...english].filter(([key, text]) => new Set(names(text)).size !== new Set(names(korean.get(key) ?? '')).size && !text.includes('|'))
  expect(different.map(([key]) => key)).toEqual([])
})

it('compiles every text', () => {
  for (const text of [...english.values(), ...korean.values()]) baseCompile(text, { onError: (error) => { throw new Error(`${text}: ${error.message}`) } })
})

it('has every text that the app names', () => {
  const missing = sources.flatMap(([file, source]) => [...source.matchAll(/\bt\(\s*'([\w.]+)'/g)].flatMap(([, key]) => (english.has(key ?? '') ? [] : [`${file}: ${key}`])))
  expect(missing).toEqual([])
})

it('takes the first language of the browser that it speaks', () => {
  expect(preferredLocale(['de-DE', 'ko-KR', 'en'])).toBe('ko')
  expect(preferredLocale(['fr'])).toBe('en')
})
