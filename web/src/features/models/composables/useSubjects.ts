/** People by their id, for administrators; everybody else sees themselves only. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, unwrap } from '@/api/client'
import { useSession } from '@/composables/useSession'

export function useSubjects() {
  const { t } = useI18n()
  const { user, isAdmin } = useSession()
  const people = useQuery({ queryKey: ['users'], queryFn: () => unwrap(api.GET('/api/v1/users')), enabled: isAdmin })
  const names = computed(() => {
    const known = people.data.value?.items ?? (user.value ? [user.value] : [])
    return new Map(known.map(({ id, name }) => [id, name]))
  })

  /** How a group is called: a person by name, an unknown id by its beginning, nothing by what that means. */
  function nameOf(group: string, id: string): string {
    if (id === '') return t(`models.usage.none.${group}`)
    if (group === 'user') return names.value.get(id) ?? id.slice(0, 8)
    if (group === 'outcome' && id === 'ok') return t('models.usage.ok')
    return group === 'key' ? id.slice(0, 8) : id
  }

  return { people: computed(() => people.data.value?.items ?? []), nameOf }
}
