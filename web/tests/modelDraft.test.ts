import { expect, it } from 'vitest'

import { draftOf, emptyDraft, isReady, toWrite } from '@/features/models/composables/modelDraft'

const DRAFT = { ...emptyDraft(), name: 'qwen', base_url: 'http://gpu-1:8000/v1', context_tokens: '32768', prompt_price: '0.2' }

it('sends what was typed, and a key only when there is one', () => {
  const sent = toWrite(DRAFT, null)
  expect(sent).toMatchObject({ name: 'qwen', context_tokens: 32768, max_output_tokens: null, price: { prompt: 0.2, completion: 0, cached: null } })
  expect('api_key' in sent).toBe(false)
  expect(toWrite({ ...DRAFT, api_key: 'sk' }, null).api_key).toBe('sk')
})

it('keeps what the form does not show', () => {
  const before = { name: 'qwen', kind: 'openai', title: 'Qwen', stall_seconds: 9, first_token_seconds: 7, price: { prompt: 1, completion: 2, cached: 0.5 }, limits: { parallel_requests: 4 } }
  const model = before as Parameters<typeof draftOf>[0]
  expect(toWrite(draftOf(model), model)).toMatchObject({ title: 'Qwen', stall_seconds: 9, first_token_seconds: 7, price: { prompt: 1, completion: 2, cached: 0.5 }, limits: { requests_per_minute: null, parallel_requests: 4 } })
})

it('wants a name, an address and numbers', () => {
  expect(isReady(DRAFT)).toBe(true)
  for (const wrong of [{ name: '' }, { name: 'two words' }, { base_url: 'gpu-1' }, { context_tokens: 'many' }, { prompt_price: '-1' }]) {
    expect(isReady({ ...DRAFT, ...wrong })).toBe(false)
  }
})
