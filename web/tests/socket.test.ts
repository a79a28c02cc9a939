import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { RunSocket, type RunEvent, type SocketLike } from '@/api/socket'
import type { AskFrame } from '@/api/types'

class Line implements SocketLike {
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  readonly sent: Record<string, unknown>[] = []

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  close(): void {
    this.readyState = 3
    this.onclose?.()
  }
  connect(): void {
    this.readyState = 1
    this.onopen?.()
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

const lines: Line[] = []

/** A socket on lines that the test opens, feeds and cuts. */
function makeSocket(): RunSocket {
  return new RunSocket(async () => {
    const line = new Line()
    lines.push(line)
    return line
  })
}

async function nextLine(count = 1): Promise<Line> {
  await vi.waitFor(() => expect(lines).toHaveLength(count))
  await vi.advanceTimersByTimeAsync(0)
  const line = lines[count - 1] as Line
  line.connect()
  return line
}

const question: AskFrame = { type: 'ask', session_id: 's1', request_id: 'q1', content: 'Why?', workflow: 'auto', repository_ids: null, model: null, prompt: null }

function token(seq: number, text: string): object {
  return { run_id: 'r1', seq, type: 'token', text }
}

beforeEach(() => {
  lines.length = 0
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('asking', () => {
  it('waits for the connection and resolves with what was accepted', async () => {
    const asked = makeSocket().ask(question)
    const line = await nextLine()
    expect(line.sent).toEqual([question])
    line.say({ type: 'accepted', request_id: 'q1', message: { id: 'm1' }, run: { id: 'r1' } })
    expect((await asked).run.id).toBe('r1')
  })

  it('asks again with the same request id when the connection breaks before the reply', async () => {
    const asked = makeSocket().ask(question)
    const first = await nextLine()
    first.close()
    await vi.advanceTimersByTimeAsync(300)
    const second = await nextLine(2)
    expect(second.sent).toEqual([question])
    second.say({ type: 'accepted', request_id: 'q1', message: { id: 'm1' }, run: { id: 'r1' } })
    expect((await asked).message.id).toBe('m1')
  })

  it('rejects with the code of a refusal, and asks no more', async () => {
    const asked = makeSocket().ask(question)
    const line = await nextLine()
    const refused = expect(asked).rejects.toMatchObject({ code: 'answer_in_progress', message: 'Wait.' })
    line.say({ type: 'error', error: 'answer_in_progress', message: 'Wait.', request_id: 'q1' })
    await refused
    line.close()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(lines).toHaveLength(1)
  })

  it('gives up after a while when nothing answers', async () => {
    const asked = makeSocket().ask(question)
    const refused = expect(asked).rejects.toMatchObject({ code: 'unreachable', status: 0 })
    await vi.advanceTimersByTimeAsync(20_000)
    await refused
  })
})

describe('following', () => {
  it('reads on after the last event it saw when the connection comes back, losing and doubling nothing', async () => {
    const seen: RunEvent[] = []
    makeSocket().follow('r1', 0, (event) => seen.push(event))
    const first = await nextLine()
    expect(first.sent).toEqual([{ type: 'resume', run_id: 'r1', after: 0 }])
    first.say(token(1, 'Hel'))
    first.say(token(2, 'lo'))
    first.close()
    await vi.advanceTimersByTimeAsync(300)
    const second = await nextLine(2)
    expect(second.sent).toEqual([{ type: 'resume', run_id: 'r1', after: 2 }])
    second.say(token(2, 'lo'))
    second.say(token(3, '!'))
    expect(seen.map(({ text }) => text).join('')).toBe('Hello!')
  })

  it('hands on only events of runs that are followed', async () => {
    const seen: RunEvent[] = []
    makeSocket().follow('r1', 0, (event) => seen.push(event))
    const line = await nextLine()
    line.say({ run_id: 'other', seq: 1, type: 'token', text: 'x' })
    expect(seen).toEqual([])
  })

  it('does not reconnect once every run is done', async () => {
    makeSocket().follow('r1', 0, () => undefined)
    const line = await nextLine()
    line.say({ run_id: 'r1', seq: 1, type: 'done', status: 'succeeded' })
    line.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines).toHaveLength(1)
  })

  it('lets go of a run that the server refuses to show', async () => {
    makeSocket().follow('r1', 0, () => undefined)
    const line = await nextLine()
    line.say({ type: 'error', error: 'run_not_found', message: 'There is no such run.', run_id: 'r1' })
    line.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines).toHaveLength(1)
  })

  it('waits longer each time the connection cannot be had', async () => {
    const open = vi.fn<() => Promise<SocketLike>>().mockRejectedValue(new Error('refused'))
    new RunSocket(open).follow('r1', 0, () => undefined)
    const tries: number[] = []
    for (const wait of [0, 250, 500, 1000]) {
      await vi.advanceTimersByTimeAsync(wait)
      tries.push(open.mock.calls.length)
    }
    expect(tries).toEqual([1, 2, 3, 4])
  })
})
