import { describe, expect, it } from 'vitest'

import { parseQuery, toggleFilter, writeQuery } from '@/features/search/composables/queryLanguage'

describe('the query language', () => {
  it('takes filters out of the words, wherever they stand', () => {
    const { words, filters } = parseQuery('lang:python retry  path:"src/my app" backoff kind:function')
    expect(words).toBe('retry backoff')
    expect(filters).toEqual({ repo: [], lang: ['python'], path: ['src/my app'], kind: ['function'] })
  })

  it('leaves alone what only looks like a filter', () => {
    expect(parseQuery('std::kind:value https://lang:8080 repo:').words).toBe('std::kind:value https://lang:8080 repo:')
  })

  it('keeps operators that are not its own', () => {
    const text = 'retry "a b" -path:tests symbol:Client.send /x+/'
    expect(parseQuery(text)).toEqual({ words: text, filters: { repo: [], lang: [], path: [], kind: [] } })
  })

  it('writes what it reads', () => {
    const text = 'parse arguments repo:shop path:"a b"'
    expect(writeQuery(parseQuery(text))).toBe(text)
  })

  it('turns a filter on and off again', () => {
    const on = toggleFilter('orders', 'repo', 'shop', false)
    expect(on).toBe('orders repo:shop')
    expect(toggleFilter(on, 'repo', 'shop', false)).toBe('orders')
  })

  it('lets a single filter replace the one before', () => {
    expect(toggleFilter('orders lang:go', 'lang', 'rust', true)).toBe('orders lang:rust')
  })

  it('keeps several repositories', () => {
    expect(toggleFilter('orders repo:one', 'repo', 'two', false)).toBe('orders repo:one repo:two')
  })
})
