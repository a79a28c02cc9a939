import { describe, expect, it } from 'vitest'

import { renderMarkdown } from '@/composables/markdown'
import { buildTree, flattenTree } from '@/composables/usePathTree'
import { linkedHeading, linkedPath } from '@/features/docs/composables/sourcePlaces'

describe('documents', () => {
  it('have headings with the anchors that links between pages name', () => {
    const [block] = renderMarkdown('## `Celery.send_task`')
    expect(block?.kind === 'html' && block.html).toContain('id="section-celerysend_task"')
  })

  it('link to pages, to headings on them, and to the overview', () => {
    expect(linkedPath('/celery/app/base.py#celerysend_task', '/')).toBe('celery/app/base.py')
    expect(linkedHeading('/celery/app/base.py#celerysend_task')).toBe('celerysend_task')
    expect(linkedPath('/', 'celery/app/base.py')).toBe('/')
    expect(linkedPath('/celery/app/', 'x.py')).toBe('celery/app/')
  })

  it('stand in a tree whose folders are pages too', () => {
    const tree = buildTree(['src/shop/', 'src/shop/cart.py', 'README.md'].map((path) => ({ path })))
    const rows = flattenTree(tree, () => true)
    expect(rows.map(({ name, folder, item }) => [name, folder, item?.path])).toEqual([
      ['src/shop', true, 'src/shop/'],
      ['cart.py', false, 'src/shop/cart.py'],
      ['README.md', false, 'README.md'],
    ])
  })
})
