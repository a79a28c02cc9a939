/** A model as it stands in the form, and as it is sent. */
import type { Capability, ModelSummary, ModelWrite } from '@/api/types'

export const KINDS: readonly ModelWrite['kind'][] = ['openai', 'responses', 'anthropic', 'azure']
export const CAPABILITIES: readonly Capability[] = ['stream', 'tools', 'json_schema', 'images', 'prefill', 'embeddings']
const USUAL_ADDRESSES: Record<string, string> = {
  openai: 'https://api.openai.com/v1',
  responses: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  azure: 'https://RESOURCE.openai.azure.com',
}

/** Numbers are texts while they are typed; an empty one is not given. */
export interface ModelDraft {
  name: string
  kind: ModelWrite['kind']
  base_url: string
  upstream_name: string
  api_key: string
  api_version: string
  context_tokens: string
  max_output_tokens: string
  prompt_price: string
  completion_price: string
  requests_per_minute: string
  tokens_per_minute: string
  parallel_requests: string
  capabilities: Capability[]
}

export function emptyDraft(): ModelDraft {
  return {
    name: '', kind: 'openai', base_url: '', upstream_name: '', api_key: '', api_version: '', context_tokens: '', max_output_tokens: '',
    prompt_price: '', completion_price: '', requests_per_minute: '', tokens_per_minute: '', parallel_requests: '', capabilities: ['stream', 'tools', 'json_schema', 'images'],
  }
}

export function draftOf(model: ModelSummary): ModelDraft {
  const text = (value: number | null | undefined) => (value ? String(value) : '')
  return {
    name: model.name,
    kind: model.kind as ModelWrite['kind'],
    base_url: model.base_url ?? '',
    upstream_name: model.upstream_name ?? '',
    api_key: '',
    api_version: model.api_version ?? '',
    context_tokens: text(model.context_tokens),
    max_output_tokens: text(model.max_output_tokens),
    prompt_price: text(model.price?.prompt),
    completion_price: text(model.price?.completion),
    requests_per_minute: text(model.limits?.requests_per_minute),
    tokens_per_minute: text(model.limits?.tokens_per_minute),
    parallel_requests: text(model.limits?.parallel_requests),
    capabilities: CAPABILITIES.filter((one) => model.capabilities?.includes(one)),
  }
}

export function usualAddress(kind: string): string {
  return USUAL_ADDRESSES[kind] ?? ''
}

/** What is not in the form (title, patience) stays as it was. */
export function toWrite(draft: ModelDraft, before: ModelSummary | null): ModelWrite {
  const whole = (text: string) => (text.trim() === '' ? null : Math.round(Number(text)))
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    base_url: draft.base_url.trim(),
    upstream_name: draft.upstream_name.trim(),
    ...(draft.api_key ? { api_key: draft.api_key } : {}),
    title: before?.title ?? '',
    api_version: draft.api_version.trim(),
    context_tokens: whole(draft.context_tokens),
    max_output_tokens: whole(draft.max_output_tokens),
    price: { prompt: Number(draft.prompt_price) || 0, completion: Number(draft.completion_price) || 0, cached: before?.price?.cached ?? null },
    limits: {
      requests_per_minute: whole(draft.requests_per_minute), tokens_per_minute: whole(draft.tokens_per_minute), parallel_requests: whole(draft.parallel_requests),
    },
    capabilities: draft.capabilities,
    first_token_seconds: before?.first_token_seconds ?? 30,
    stall_seconds: before?.stall_seconds ?? 60,
  }
}

export function isReady(draft: ModelDraft): boolean {
  const numbers = [
    draft.context_tokens, draft.max_output_tokens, draft.prompt_price, draft.completion_price, draft.requests_per_minute, draft.tokens_per_minute, draft.parallel_requests,
  ]
  const namesFit = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/.test(draft.name.trim())
  return namesFit && URL.canParse(draft.base_url.trim()) && numbers.every((text) => text.trim() === '' || Number(text) >= 0)
}
