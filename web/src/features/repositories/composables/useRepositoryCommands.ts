/** Repository actions as a page offers them: each says how it went, removing asks first. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { Repository } from '@/api/types'
import { describeError } from '@/composables/describeError'
import { useNotice } from '@/composables/useNotice'

import { isArchive } from './useArchiveName'
import { useRepositoryActions } from './useRepositoryActions'

export function useRepositoryCommands() {
  const { t, te } = useI18n()
  const { notify } = useNotice()
  const actions = useRepositoryActions()
  const leaving = ref<Repository | null>(null)

  async function attempt(act: () => Promise<unknown>, done: string): Promise<boolean> {
    try {
      await act()
      notify(done, 'success')
      return true
    } catch (error) {
      notify(describeError(error, { t, te }), 'error')
      return false
    }
  }

  const again = ({ id, name }: Repository) =>
    attempt(() => actions.indexAgain.mutateAsync(id), t('repositories.notice.again', { name }))

  const cancel = (runId: string) => attempt(() => actions.cancel.mutateAsync(runId), t('repositories.notice.cancelled'))

  function archive({ id, name }: Repository, file: File): Promise<boolean> {
    if (isArchive(file.name)) {
      return attempt(() => actions.indexArchive.mutateAsync({ id, archive: file }), t('repositories.notice.again', { name }))
    }
    notify(t('repositories.add.notAnArchive', { name: file.name }), 'error')
    return Promise.resolve(false)
  }

  const remove = ({ id, name }: Repository) =>
    attempt(() => actions.remove.mutateAsync(id), t('repositories.notice.removed', { name }))

  return { again, archive, cancel, leaving, remove }
}
