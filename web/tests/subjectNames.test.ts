import { expect, it } from 'vitest'

import { subjectNames } from '@/features/models/composables/subjectNames'

const gone = (name: string) => `${name}, deleted`

it('a name alone is enough where nobody shares it', () => {
  const names = subjectNames([{ id: 'k1', name: 'ci', detail: 'cm_ab', is_gone: false }], gone)
  expect(names.get('k1')).toBe('ci')
})

it('two of one name are told apart, and the deleted one is named as such', () => {
  const names = subjectNames(
    [
      { id: 'k1', name: 'ci', detail: 'cm_ab', is_gone: true },
      { id: 'k2', name: 'ci', detail: 'cm_cd', is_gone: false },
    ],
    gone,
  )
  expect([names.get('k1'), names.get('k2')]).toEqual(['ci (cm_ab), deleted', 'ci (cm_cd)'])
})
