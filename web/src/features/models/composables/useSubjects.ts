/** People and keys by their id: administrators see everybody, others themselves. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

import { subjectNames } from './subjectNames'
import { api, unwrap } from '@/api/client'

const SHOWN_CHARACTERS = 8

export function useSubjects() {
  const { t } = useI18n()
  const subjects = useQuery({ queryKey: ['usage', 'subjects'], queryFn: () => unwrap(api.GET('/api/v1/usage/subjects')), staleTime: 30_000 })
  const known = computed(() => {
    const gone = (group: string) => (name: string) => t(`models.usage.gone.${group}`, { name })
    return {
      user: subjectNames(subjects.data.value?.users ?? [], gone('user')),
      key: subjectNames(subjects.data.value?.keys ?? [], gone('key')),
    }
  })

  /** How a group is called: people and keys by name, a deleted one as such, nothing by what that means. */
  function nameOf(group: string, id: string): string {
    if (id === '') return t(`models.usage.none.${group}`)
    if (group === 'outcome' && id === 'ok') return t('models.usage.ok')
    if (group !== 'user' && group !== 'key') return id
    const name = known.value[group].get(id)
    if (name !== undefined) return name
    return subjects.data.value ? t(`models.usage.deleted.${group}`, { id: id.slice(0, SHOWN_CHARACTERS) }) : id.slice(0, SHOWN_CHARACTERS)
  }

  const people = computed(() => (subjects.data.value?.users ?? []).filter(({ is_gone }) => !is_gone))
  const keys = computed(() => (subjects.data.value?.keys ?? []).filter(({ is_gone }) => !is_gone))
  return { people, keys, nameOf }
}
