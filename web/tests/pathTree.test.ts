import { describe, expect, it } from 'vitest'

import { ancestorsOf, buildTree, flattenTree } from '@/composables/usePathTree'

const PATHS = ['src/app/main.py', 'src/app/core/http.py', 'README.md', 'docs/guide/start.md'].map((path) => ({ path }))

describe('the tree of paths', () => {
  it('puts folders first and joins folders that hold only a folder', () => {
    expect(buildTree(PATHS).map(({ name }) => name)).toEqual(['docs/guide', 'src/app', 'README.md'])
  })

  it('shows what is in open folders only', () => {
    const rows = flattenTree(buildTree(PATHS), (path) => path === 'src/app')
    expect(rows.map(({ name, depth }) => `${depth} ${name}`)).toEqual(['0 docs/guide', '0 src/app', '1 core', '1 main.py', '0 README.md'])
  })

  it('names the folders above a path', () => {
    expect(ancestorsOf('src/app/main.py')).toEqual(['src', 'src/app'])
  })
})
