/** What a run's events add up to: the answer as far as it is known. Pure, so that replaying gives the same. */
import type { RunEvent } from '@/api/socket'
import type { Citation, Message, RunStatus, Step } from '@/api/types'

export interface AnswerStream {
  runId: string
  seq: number
  text: string
  citations: Citation[]
  steps: Pick<Step, 'name' | 'status' | 'attempt' | 'detail'>[]
  status: RunStatus
  message: Message | null
  done: boolean
}

export function emptyStream(runId: string): AnswerStream {
  return { runId, seq: 0, text: '', citations: [], steps: [], status: 'queued', message: null, done: false }
}

/** The stream after one more event; events seen before change nothing. */
export function reduce(stream: AnswerStream, event: RunEvent): AnswerStream {
  if (event.seq <= stream.seq) return stream
  return { ...stream, ...change(stream, event), seq: event.seq }
}

function change(stream: AnswerStream, event: RunEvent): Partial<AnswerStream> {
  switch (event.type) {
    case 'status':
      return { status: event.status as RunStatus }
    case 'step':
      return { steps: withStep(stream.steps, event as unknown as Step) }
    case 'citation':
      return { citations: withCitation(stream.citations, event as unknown as Citation) }
    case 'token':
      return { text: stream.text + String(event.text) }
    case 'reset':
      return { text: '' }
    case 'message':
      return { message: event.message as Message }
    case 'done':
      return { done: true, status: event.status as RunStatus }
    default:
      return {}
  }
}

function withStep(steps: AnswerStream['steps'], { name, status, attempt, detail }: Step): AnswerStream['steps'] {
  const step = { name, status, attempt, detail }
  return steps.some((known) => known.name === name) ? steps.map((known) => (known.name === name ? step : known)) : [...steps, step]
}

/** A second retrieval numbers its sources anew; the later one holds. */
function withCitation(citations: Citation[], citation: Citation): Citation[] {
  return [...citations.filter(({ id }) => id !== citation.id), citation]
}
