import { describe, expect, it } from 'vitest'

import { diffLines } from '@/features/versions/composables/lineDiff'

const written = (before: string, after: string) => diffLines(before, after).map(({ sign, text }) => sign + text)

describe('diffLines', () => {
  it('keeps what both have and signs the rest', () => {
    expect(written('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d'])
  })
  it('signs a passage that came or went as a whole', () => {
    expect(written('', 'a\nb')).toEqual(['+a', '+b'])
    expect(written('a\nb', '')).toEqual(['-a', '-b'])
  })
  it('rebuilds both passages', () => {
    const [before, after] = ['a\nb\na\nc\n\nb', 'b\na\n\nc\nb\nb']
    const lines = diffLines(before, after)
    const side = (sign: string) => lines.filter((line) => line.sign === ' ' || line.sign === sign).map(({ text }) => text).join('\n')
    expect([side('-'), side('+')]).toEqual([before, after])
  })
})
