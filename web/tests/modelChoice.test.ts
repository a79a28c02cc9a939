import { expect, it } from 'vitest'

import type { ModelSummary } from '@/api/types'
import { available, chainOf, offered } from '@/features/chat/composables/modelChoice'

function model(name: string, more: Partial<ModelSummary> = {}): ModelSummary {
  return { name, kind: 'openai', capabilities: ['stream'], is_answering: true, ...more } as ModelSummary
}

const MODELS = [model('extractive'), model('qwen'), model('vectors', { capabilities: ['embeddings'] }), model('claude')]

it('offers what writes, and quoting passages last', () => {
  expect(offered(MODELS).map(({ name }) => name)).toEqual(['qwen', 'claude', 'extractive'])
})

it('puts the chosen model first and keeps the others for when it fails', () => {
  expect(chainOf('claude', MODELS)).toEqual(['claude', 'qwen', 'extractive'])
  expect(chainOf('extractive', MODELS)).toEqual(['extractive'])
  expect(chainOf(null, MODELS)).toEqual([])
})

it('hides what does not answer, unless it is the one that was chosen', () => {
  const models = [model('qwen', { is_answering: false }), model('claude')]
  expect(available(models, null).map(({ name }) => name)).toEqual(['claude'])
  expect(available(models, 'qwen').map(({ name }) => name)).toEqual(['qwen', 'claude'])
})
