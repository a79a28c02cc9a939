/** `@` and `/` in the input: where one is being typed, and what fits. */

export interface Trigger {
  kind: '@' | '/'
  query: string
  start: number
}

/** The `@word` or `/word` that the caret stands in: `@` anywhere after a space, `/` only at the beginning. */
export function findTrigger(text: string, caret: number): Trigger | null {
  const before = text.slice(0, caret)
  const workflow = before.match(/^\/(\w*)$/)
  if (workflow) return { kind: '/', query: workflow[1] ?? '', start: 0 }
  const mention = before.match(/(?:^|\s)@([^\s@]*)$/)
  return mention ? { kind: '@', query: mention[1] ?? '', start: caret - (mention[1] ?? '').length - 1 } : null
}

/** The text with the trigger replaced, and where the caret goes. */
export function replaceTrigger(text: string, caret: number, trigger: Trigger, replacement: string): { text: string; caret: number } {
  const head = text.slice(0, trigger.start) + replacement
  const tail = text.slice(caret).replace(/^ /, replacement ? '' : ' ')
  return { text: head + (replacement ? ' ' : '') + tail, caret: head.length + (replacement ? 1 : 0) }
}

/**
 * How well a path or name fits what was typed: letters in order; runs, file names and short paths first. Null: not at all.
 */
export function fit(candidate: string, query: string): number | null {
  const name = candidate.toLowerCase()
  const wanted = query.toLowerCase()
  if (wanted === '') return -name.length
  const file = name.slice(name.lastIndexOf('/') + 1)
  if (file.startsWith(wanted)) return 3000 - name.length
  if (file.includes(wanted)) return 2000 - name.length
  if (name.includes(wanted)) return 1000 - name.length
  let at = 0
  for (const letter of wanted) {
    at = name.indexOf(letter, at) + 1
    if (at === 0) return null
  }
  return -name.length
}

/** The best fits, best first. */
export function rank<T>(items: readonly T[], textOf: (item: T) => string, query: string, most: number): T[] {
  return items
    .flatMap((item) => {
      const score = fit(textOf(item), query)
      return score === null ? [] : [{ item, score }]
    })
    .sort((left, right) => right.score - left.score)
    .slice(0, most)
    .map(({ item }) => item)
}
