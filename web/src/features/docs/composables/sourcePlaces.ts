/** Places in the source that a document speaks of, and what its links lead to. */

export interface Place {
  path: string
  startLine: number
  endLine: number
}

const PLACE = /^([\w@.+\-/ ]*[\w@.+-]):(\d+)(?:[-–](\d+))?$/

/** Reads `src/app.py:12-20`. */
export function placeOf(text: string): Place | null {
  const match = PLACE.exec(text.trim())
  if (!match) return null
  const startLine = Number(match[2])
  return { path: match[1] ?? '', startLine, endLine: Number(match[3] ?? match[2]) }
}

/** The heading that a link leads to, or nothing when it leads to a page as a whole. */
export function linkedHeading(href: string): string {
  const hash = href.split('#')[1] ?? ''
  return decodeURIComponent(hash)
}

/** The repository path that a relative link of a document leads to, or null when it leads elsewhere; the overview is `/`. */
export function linkedPath(href: string, from: string): string | null {
  if (/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(href)) return null
  if (href === '/') return '/'
  const base = new URL(href.startsWith('/') ? '.' : from.replace(/^\/$/, ''), 'https://repository/')
  const target = new URL(href.replace(/^\//, ''), base)
  return decodeURIComponent(target.pathname.slice(1)) || null
}
