import { describe, expect, it } from 'vitest'

import { excerptOf } from '@/features/search/composables/excerpt'

const TEXT = ['import os', '', 'def one():', '    pass', '', 'def retry_task(backoff):', '    return backoff', ''].join('\n')

describe('the excerpt of a result', () => {
  it('is the whole passage where that is short', () => {
    expect(excerptOf(TEXT, 10, 'retry', 20)).toEqual({ code: TEXT, firstLine: 10, lineCount: 8 })
  })

  it('holds the lines where the words stand', () => {
    const { code, firstLine } = excerptOf(TEXT, 10, 'retry backoff', 2)
    expect(code).toContain('def retry_task(backoff)')
    expect(firstLine + code.split('\n').findIndex((line) => line.startsWith('def retry'))).toBe(15)
  })

  it('begins at the top where no word stands in it', () => {
    expect(excerptOf(TEXT, 10, 'nothing here', 3).firstLine).toBe(10)
  })
})
