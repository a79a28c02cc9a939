/** The lines of two passages as a diff: the longest common subsequence, as both are short. */

export interface DiffedLine {
  sign: ' ' | '-' | '+'
  text: string
}

function commonLengths(left: readonly string[], right: readonly string[]): number[][] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = lengths[i] as number[]
      const below = lengths[i + 1] as number[]
      row[j] = left[i] === right[j] ? (below[j + 1] as number) + 1 : Math.max(below[j] as number, row[j + 1] as number)
    }
  }
  return lengths
}

export function diffLines(before: string, after: string): DiffedLine[] {
  const left = before === '' ? [] : before.split('\n')
  const right = after === '' ? [] : after.split('\n')
  const lengths = commonLengths(left, right)
  const lines: DiffedLine[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push({ sign: ' ', text: left[i] as string })
      i += 1
      j += 1
    } else if (j >= right.length || (i < left.length && (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))) {
      lines.push({ sign: '-', text: left[i] as string })
      i += 1
    } else {
      lines.push({ sign: '+', text: right[j] as string })
      j += 1
    }
  }
  return lines
}
