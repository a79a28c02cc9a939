import { describe, expect, it } from 'vitest'

import { commitName } from '@/features/repositories/composables/commitName'

const COMMIT = 'd3ffc9985281dcf4d3bef604cce4e662b1a327a6'

describe('the name of a commit', () => {
  it('is short, after the ref it was found by', () => {
    expect(commitName(COMMIT, 'v1.10.1')).toBe('v1.10.1 @ d3ffc99')
    expect(commitName(COMMIT, null)).toBe('d3ffc99')
  })
  it('does not say a commit twice', () => {
    expect(commitName(COMMIT, COMMIT)).toBe('d3ffc99')
    expect(commitName(COMMIT, 'D3FFC998')).toBe('d3ffc99')
  })
  it('is the ref while nothing is indexed', () => {
    expect(commitName(null, 'main')).toBe('main')
    expect(commitName(null, null)).toBe('')
  })
})
