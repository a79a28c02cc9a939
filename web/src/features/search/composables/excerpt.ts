/** The lines of a result that are worth showing: where most of the words stand. */

export interface Excerpt {
  code: string
  firstLine: number
  lineCount: number
}

const WORD = /[\p{L}\p{N}_]{2,}/gu

function wordsOf(query: string): string[] {
  return [...query.toLowerCase().matchAll(WORD)].map(([word]) => word)
}

function hits(line: string, words: readonly string[]): number {
  const lower = line.toLowerCase()
  return words.filter((word) => lower.includes(word)).length
}

/** At most `most` lines of a passage, chosen so that they hold the most words of the query. */
export function excerptOf(text: string, startLine: number, query: string, most: number): Excerpt {
  const lines = text.split('\n')
  if (lines.length <= most) return { code: text, firstLine: startLine, lineCount: lines.length }
  const words = wordsOf(query)
  const weights = lines.map((line) => hits(line, words))
  let best = 0
  let bestWeight = -1
  for (let start = 0; start + most <= lines.length; start += 1) {
    const weight = weights.slice(start, start + most).reduce((sum, one) => sum + one, 0)
    if (weight > bestWeight) [best, bestWeight] = [start, weight]
  }
  return { code: lines.slice(best, best + most).join('\n'), firstLine: startLine + best, lineCount: most }
}
