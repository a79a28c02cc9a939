import { describe, expect, it } from 'vitest'

import { linkedPath, placeOf } from '@/features/docs/composables/sourcePlaces'
import { isArchive, nameOfArchive } from '@/features/repositories/composables/useArchiveName'

describe('places that a document names', () => {
  it('are a path with lines', () => {
    expect(placeOf('src/app.py:12-20')).toEqual({ path: 'src/app.py', startLine: 12, endLine: 20 })
    expect(placeOf('src/app.py:12')).toEqual({ path: 'src/app.py', startLine: 12, endLine: 12 })
  })

  it('are nothing else', () => {
    for (const text of ['src/app.py', 'key: value', 'http://localhost:8080', 'dict[str, int]']) expect(placeOf(text)).toBeNull()
  })
})

describe('links of a document', () => {
  it('lead from where the document stands', () => {
    expect(linkedPath('../src/app.py#L1', 'docs/guide/start.md')).toBe('docs/src/app.py')
    expect(linkedPath('/README.md', 'docs/start.md')).toBe('README.md')
    expect(linkedPath('setup.md', '/')).toBe('setup.md')
  })

  it('never lead out of the repository', () => {
    expect(linkedPath('../../../../etc/passwd', 'docs/start.md')).toBe('etc/passwd')
    for (const href of ['https://example.org/x', '//example.org/x', 'javascript:alert(1)', '#part']) {
      expect(linkedPath(href, 'docs/start.md')).toBeNull()
    }
  })
})

describe('archives', () => {
  it('are known by their ending', () => {
    for (const name of ['a.zip', 'a.tar.gz', 'a.TGZ', 'a.tar']) expect(isArchive(name)).toBe(true)
    for (const name of ['a.rar', 'a.gz', 'zip']) expect(isArchive(name)).toBe(false)
  })

  it('suggest the name of their repository', () => {
    expect(nameOfArchive('flask-3.1.0.tar.gz')).toBe('flask')
    expect(nameOfArchive('shop-main.zip')).toBe('shop')
    expect(nameOfArchive('my_tool.tgz')).toBe('my_tool')
  })
})
