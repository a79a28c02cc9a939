/** What a repository's status means to a person: a dot, a word, the reason of a failure. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'

import type { Repository } from '@/api/types'
import { describeCode } from '@/composables/describeError'
import { isActive, type DotState } from '@/composables/useRun'

const DOTS: Record<Repository['status'], DotState> = {
  pending: 'idle',
  indexing: 'running',
  ready: 'ok',
  failed: 'error',
  stale: 'warning',
  deleting: 'running',
}

/** Whether the only thing left to do is to make the vectors finer. */
export function isOnlyRefining(repository: Repository): boolean {
  const steps = repository.active_run?.steps ?? []
  return repository.status === 'ready' && steps.some((step) => step.name === 'refine' && step.status === 'running')
}

export function useRepositoryState(source: MaybeRefOrGetter<Repository>) {
  const { t, te } = useI18n()
  const repository = computed(() => toValue(source))
  const working = computed(() => isActive(repository.value.active_run))
  const key = computed(() => {
    if (isOnlyRefining(repository.value)) return 'refining'
    return working.value && repository.value.status === 'ready' ? 'updating' : repository.value.status
  })
  const dot = computed<DotState>(() =>
    working.value && repository.value.status !== 'ready' ? 'running' : DOTS[repository.value.status],
  )
  const label = computed(() => t(`repositories.status.${key.value}`))
  const failure = computed(() => {
    const error = working.value ? null : repository.value.last_error
    return error ? describeCode(error.error, error.message, { t, te }) : ''
  })
  return { dot, label, working, failure }
}
