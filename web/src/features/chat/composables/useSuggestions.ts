/** What `@` and `/` offer: indexed repositories, their files, workflows. */
import { mdiAutoFix, mdiFileCodeOutline, mdiSourceRepository, mdiTextSearch } from '@mdi/js'
import { useQueries } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { rank, type Trigger } from './mentions'
import { api, unwrap } from '@/api/client'
import { useRepositories } from '@/composables/useRepositories'

export type Workflow = 'auto' | 'ask'
export interface Suggestion {
  kind: 'repository' | 'file' | 'workflow'
  id: string
  icon: string
  label: string
  detail: string
}

const REPOSITORIES = 4
const FILES = 8

export function useSuggestions(trigger: Ref<Trigger | null>, scope: Ref<string[]>) {
  const { t } = useI18n()
  const { indexed, nameOf } = useRepositories()
  const wanted = computed(() => (trigger.value?.kind === '@' ? indexed.value.map(({ id }) => id).filter((id) => scope.value.length === 0 || scope.value.includes(id)) : []))

  const trees = useQueries({
    queries: computed(() =>
      wanted.value.map((repository_id) => ({
        queryKey: ['tree', repository_id],
        queryFn: () => unwrap(api.GET('/api/v1/repositories/{repository_id}/tree', { params: { path: { repository_id } } })),
        staleTime: 60_000,
      })),
    ),
  })
  const files = computed(() => trees.value.flatMap((tree, index) => (tree.data?.items ?? []).map(({ path }) => ({ path, repository: wanted.value[index] ?? '' }))))

  const workflows = computed<Suggestion[]>(() => [
    { kind: 'workflow', id: 'auto', icon: mdiAutoFix, label: '/auto', detail: t('chat.workflow.auto') },
    { kind: 'workflow', id: 'ask', icon: mdiTextSearch, label: '/ask', detail: t('chat.workflow.ask') },
  ])

  const suggestions = computed<Suggestion[]>(() => {
    const current = trigger.value
    if (current === null) return []
    if (current.kind === '/') return workflows.value.filter(({ id }) => id.startsWith(current.query.toLowerCase()))
    const repositories = rank(indexed.value.filter(({ id }) => !scope.value.includes(id)), ({ name }) => name, current.query, REPOSITORIES)
    return [
      ...repositories.map(({ id, name }): Suggestion => ({ kind: 'repository', id, icon: mdiSourceRepository, label: name, detail: t('chat.scope.only') })),
      ...rank(files.value, ({ path }) => path, current.query, FILES).map(({ path, repository }): Suggestion => ({ kind: 'file', id: path, icon: mdiFileCodeOutline, label: path, detail: nameOf(repository) })),
    ]
  })
  return { suggestions }
}
