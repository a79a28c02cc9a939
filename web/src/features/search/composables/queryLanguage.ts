/** The filters of a query, as far as the facets set them; the server reads the whole language. */

export const FILTERS = ['repo', 'lang', 'path', 'kind'] as const
export type FilterName = (typeof FILTERS)[number]

export interface ParsedQuery {
  words: string
  filters: Record<FilterName, string[]>
}

const TOKEN = /(?<![\w:/.-])(repo|lang|path|kind):(?:"([^"]*)"|(\S+))/gi

function noFilters(): Record<FilterName, string[]> {
  return { repo: [], lang: [], path: [], kind: [] }
}

/** Takes a query apart; a filter without a value is a word like any other. */
export function parseQuery(text: string): ParsedQuery {
  const filters = noFilters()
  const words = text.replace(TOKEN, (_, name: string, quoted?: string, plain?: string) => {
    filters[name.toLowerCase() as FilterName].push(quoted ?? plain ?? '')
    return ' '
  })
  return { words: words.replace(/\s+/g, ' ').trim(), filters }
}

function written(name: FilterName, value: string): string {
  return /\s/.test(value) ? `${name}:"${value}"` : `${name}:${value}`
}

/** Puts a query together again, filters last. */
export function writeQuery({ words, filters }: ParsedQuery): string {
  const parts = FILTERS.flatMap((name) => filters[name].map((value) => written(name, value)))
  return [words, ...parts].filter(Boolean).join(' ')
}

/** The query with a filter set on, or off when it was on; `single` filters replace each other. */
export function toggleFilter(text: string, name: FilterName, value: string, single: boolean): string {
  const parsed = parseQuery(text)
  const present = parsed.filters[name]
  const on = present.includes(value)
  const others = single ? [] : present.filter((one) => one !== value)
  return writeQuery({ ...parsed, filters: { ...parsed.filters, [name]: on ? others : [...others, value] } })
}
