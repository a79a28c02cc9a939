/** Opens source lines beside the page. */
import { useEvidenceStore } from '@/stores/evidence'

export type { EvidenceTarget } from '@/stores/evidence'

export function useEvidence() {
  const store = useEvidenceStore()
  return { openEvidence: store.open, closeEvidence: store.close }
}
