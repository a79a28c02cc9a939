/** One WebSocket for all answers: it reconnects by itself and reads every run on from the last event it saw. */
import { api, unwrap } from './client'
import { ApiError } from './errors'
import type { AcceptedFrame, AskFrame, FrameError, RunEventBase } from './types'

const BACKOFF_MS = [250, 500, 1000, 2000, 5000, 10_000]
const ASK_TIMEOUT_MS = 20_000

export interface RunEvent extends RunEventBase {
  [field: string]: unknown
}
export type Follower = (event: RunEvent) => void

interface Pending {
  frame: AskFrame
  resolve: (accepted: AcceptedFrame) => void
  reject: (error: ApiError) => void
}
interface Followed {
  after: number
  follower: Follower
}

export interface SocketLike {
  readyState: number
  onopen: (() => void) | null
  onmessage: ((event: { data: string }) => void) | null
  onclose: (() => void) | null
  send(text: string): void
  close(): void
}
const OPEN = 1

async function openSocket(): Promise<SocketLike> {
  const { ticket } = await unwrap(api.POST('/api/v1/chat/ws-tickets'))
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocket(`${scheme}://${window.location.host}/api/v1/chat/ws?ticket=${encodeURIComponent(ticket)}`) as SocketLike
}

export class RunSocket {
  private socket: SocketLike | null = null
  private connecting = false
  private failures = 0
  private readonly pending = new Map<string, Pending>()
  private readonly followed = new Map<string, Followed>()

  constructor(private readonly open: () => Promise<SocketLike> = openSocket) {}

  /** Asks; asking again with the same request id, as a reconnect does, gives the same run. */
  ask(frame: AskFrame): Promise<AcceptedFrame> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.refuse(frame.request_id, ApiError.unreachable()), ASK_TIMEOUT_MS)
      const settle = <T>(done: (value: T) => void) => (value: T) => (clearTimeout(timer), done(value))
      this.pending.set(frame.request_id, { frame, resolve: settle(resolve), reject: settle(reject) })
      this.send(frame)
    })
  }

  /** Reads a run from an event on; the follower gets each event once, in order. */
  follow(runId: string, after: number, follower: Follower): void {
    this.followed.set(runId, { after, follower })
    this.send({ type: 'resume', run_id: runId, after })
  }

  private send(frame: object): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(frame))
    else void this.connect()
  }

  private async connect(): Promise<void> {
    if (this.connecting || this.socket !== null) return
    this.connecting = true
    try {
      const socket = await this.open()
      this.socket = socket
      socket.onopen = () => this.catchUp()
      socket.onmessage = (event) => this.receive(JSON.parse(event.data) as RunEvent | AcceptedFrame | FrameError)
      socket.onclose = () => this.lost(socket)
    } catch {
      this.retryLater()
    } finally {
      this.connecting = false
    }
  }

  private catchUp(): void {
    this.failures = 0
    for (const { frame } of this.pending.values()) this.send(frame)
    for (const [run_id, { after }] of this.followed) this.send({ type: 'resume', run_id, after })
  }

  private lost(socket: SocketLike): void {
    if (this.socket === socket) this.socket = null
    this.retryLater()
  }

  private retryLater(): void {
    if (this.pending.size + this.followed.size === 0) return
    const wait = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)] ?? 0
    setTimeout(() => void this.connect(), wait * (0.75 + Math.random() / 2))
  }

  private receive(frame: RunEvent | AcceptedFrame | FrameError): void {
    if (frame.type === 'accepted') this.accept(frame as AcceptedFrame)
    else if ('seq' in frame) this.deliver(frame as RunEvent)
    else this.refused(frame as FrameError)
  }

  private accept(frame: AcceptedFrame): void {
    this.pending.get(frame.request_id)?.resolve(frame)
    this.pending.delete(frame.request_id)
  }

  private deliver(event: RunEvent): void {
    const followed = this.followed.get(event.run_id)
    if (followed === undefined || event.seq <= followed.after) return
    followed.after = event.seq
    if (event.type === 'done') this.followed.delete(event.run_id)
    followed.follower(event)
  }

  private refused(frame: FrameError): void {
    if (frame.request_id) this.refuse(frame.request_id, new ApiError({ code: frame.error, message: frame.message, status: 409 }))
    if (frame.run_id) this.followed.delete(frame.run_id)
  }

  private refuse(requestId: string, error: ApiError): void {
    this.pending.get(requestId)?.reject(error)
    this.pending.delete(requestId)
  }
}
