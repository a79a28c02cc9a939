/** What people and keys are called where several may have the same name. */
import type { UsageSubject } from '@/api/types'

export function subjectNames(subjects: readonly UsageSubject[], gone: (name: string) => string): Map<string, string> {
  const counts = new Map<string, number>()
  for (const { name } of subjects) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map(
    subjects.map(({ id, name, detail, is_gone }) => {
      const distinct = (counts.get(name) ?? 0) > 1 ? `${name} (${detail})` : name
      return [id, is_gone ? gone(distinct) : distinct]
    }),
  )
}
