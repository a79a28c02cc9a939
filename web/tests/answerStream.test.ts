import { describe, expect, it } from 'vitest'

import type { RunEvent } from '@/api/socket'
import { emptyStream, reduce } from '@/features/chat/composables/answerStream'

function event(seq: number, type: RunEvent['type'], fields: Record<string, unknown> = {}): RunEvent {
  return { run_id: 'r1', seq, type, ...fields }
}
function play(events: RunEvent[]) {
  return events.reduce(reduce, emptyStream('r1'))
}

describe('an answer stream', () => {
  it('adds words up in order', () => {
    expect(play([event(1, 'token', { text: 'Hello ' }), event(2, 'token', { text: 'there' })]).text).toBe('Hello there')
  })

  it('takes each event once, however often it is replayed', () => {
    const events = [event(1, 'token', { text: 'a' }), event(2, 'token', { text: 'b' })]
    expect(play([...events, ...events]).text).toBe('ab')
  })

  it('drops the words of an attempt that is begun again', () => {
    expect(play([event(1, 'token', { text: 'wrong' }), event(2, 'reset'), event(3, 'token', { text: 'right' })]).text).toBe('right')
  })

  it('keeps one row a step, with its latest state', () => {
    const stream = play([
      event(1, 'step', { name: 'plan', status: 'running', attempt: 1, detail: {} }),
      event(2, 'step', { name: 'plan', status: 'succeeded', attempt: 1, detail: { repositories: 2 } }),
      event(3, 'step', { name: 'retrieve', status: 'running', attempt: 1, detail: {} }),
    ])
    expect(stream.steps.map(({ name, status }) => [name, status])).toEqual([['plan', 'succeeded'], ['retrieve', 'running']])
  })

  it('lets a later citation with the same number hold', () => {
    const stream = play([event(1, 'citation', { id: 1, path: 'a.py' }), event(2, 'citation', { id: 1, path: 'b.py' })])
    expect(stream.citations.map(({ path }) => path)).toEqual(['b.py'])
  })

  it('ends with the stored message', () => {
    const stream = play([event(1, 'message', { message: { id: 'm1', content: 'x' } }), event(2, 'done', { status: 'succeeded' })])
    expect(stream).toMatchObject({ done: true, status: 'succeeded', message: { id: 'm1' } })
  })

  it('ignores kinds that it does not know', () => {
    expect(play([event(1, 'progress', { done: 1 })])).toMatchObject({ seq: 1, text: '' })
  })
})
