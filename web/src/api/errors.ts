/** The one error of the app: what the gateway's envelope says, or that nothing answered. */
import type { ErrorBody } from './types'

export interface ErrorFacts {
  code: string
  message: string
  status: number
  requestId?: string
  details?: Record<string, unknown>
}

/** Refusals that pass by themselves: too slow, in conflict with something under way, too early, too many. */
const PASSING = [408, 409, 425, 429]

export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly requestId: string
  readonly details: Record<string, unknown>

  constructor(facts: ErrorFacts) {
    super(facts.message)
    this.name = 'ApiError'
    this.code = facts.code
    this.status = facts.status
    this.requestId = facts.requestId ?? ''
    this.details = facts.details ?? {}
  }

  /** The same request would be refused again. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 500 && !PASSING.includes(this.status)
  }

  /** Nothing answered at all. */
  static unreachable(): ApiError {
    return new ApiError({ code: 'unreachable', message: '', status: 0 })
  }

  static async from(response: Response): Promise<ApiError> {
    const headerId = response.headers.get('x-request-id') ?? ''
    const body: unknown = await response.json().catch(() => null)
    if (!isEnvelope(body)) {
      return new ApiError({ code: 'unexpected_reply', message: '', status: response.status, requestId: headerId })
    }
    const requestId = body.request_id || headerId
    return new ApiError({ code: body.error, message: body.message, status: response.status, requestId, details: body.details })
  }
}

function isEnvelope(body: unknown): body is ErrorBody {
  return typeof body === 'object' && body !== null && 'error' in body && 'message' in body
}
