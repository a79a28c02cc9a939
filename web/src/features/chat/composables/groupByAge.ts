/** Conversations by when they were last spoken in. */
import type { Session } from '@/api/types'

export interface SessionGroup {
  key: 'today' | 'yesterday' | 'week' | 'earlier'
  sessions: Session[]
}

const DAY_MS = 86_400_000

export function groupByAge(sessions: readonly Session[], now: Date): SessionGroup[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
  const keyOf = ({ updated_at }: Session): SessionGroup['key'] => {
    const moment = Date.parse(updated_at)
    if (moment >= midnight) return 'today'
    if (moment >= midnight - DAY_MS) return 'yesterday'
    return moment >= midnight - 7 * DAY_MS ? 'week' : 'earlier'
  }
  const keys: SessionGroup['key'][] = ['today', 'yesterday', 'week', 'earlier']
  return keys.map((key) => ({ key, sessions: sessions.filter((session) => keyOf(session) === key) })).filter((group) => group.sessions.length > 0)
}
