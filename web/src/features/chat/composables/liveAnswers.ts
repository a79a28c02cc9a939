/** Answers that are being written, for as long as the app is open; pages come and go, these stay. */
import { defineStore } from 'pinia'
import { markRaw, ref, shallowReactive } from 'vue'

import { emptyStream, reduce, type AnswerStream } from './answerStream'
import { api } from '@/api/client'
import { RunSocket, type RunEvent } from '@/api/socket'
import type { AcceptedFrame, AskFrame } from '@/api/types'

export const useLiveAnswers = defineStore('live-answers', () => {
  const socket = markRaw(new RunSocket())
  const streams = shallowReactive(new Map<string, AnswerStream>())
  const lastDone = ref('')
  const waiting = new Map<string, RunEvent[]>()

  /** Follows a run from its beginning; one that is followed already is left alone. */
  function follow(runId: string): void {
    if (streams.has(runId)) return
    streams.set(runId, emptyStream(runId))
    socket.follow(runId, 0, (event) => enqueue(runId, event))
  }

  /** Words come faster than screens are drawn: those of one frame are added together. */
  function enqueue(runId: string, event: RunEvent): void {
    const queue = waiting.get(runId)
    if (queue) {
      queue.push(event)
      return
    }
    waiting.set(runId, [event])
    if (document.visibilityState === 'visible') requestAnimationFrame(() => apply(runId))
    else setTimeout(() => apply(runId), 100)
  }

  function apply(runId: string): void {
    const events = waiting.get(runId) ?? []
    waiting.delete(runId)
    const stream = events.reduce(reduce, streams.get(runId) ?? emptyStream(runId))
    streams.set(runId, stream)
    if (stream.done) lastDone.value = runId
  }

  async function ask(frame: AskFrame): Promise<AcceptedFrame> {
    const accepted = await socket.ask(frame)
    follow(accepted.run.id)
    return accepted
  }

  /** By an ordinary request: it must arrive even while the socket is away. */
  async function stop(run_id: string): Promise<void> {
    await api.POST('/api/v1/runs/{run_id}/cancel', { params: { path: { run_id } } })
  }
  return { streams, lastDone, follow, ask, stop }
})
