const SHORT = 7

/** A commit as people call it: short, after the ref that it was found by, unless that is the commit itself. */
export function commitName(commit?: string | null, ref?: string | null): string {
  if (!commit) return ref ?? ''
  const short = commit.slice(0, SHORT)
  const isNamed = ref && !commit.startsWith(ref.toLowerCase())
  return isNamed ? `${ref} @ ${short}` : short
}
