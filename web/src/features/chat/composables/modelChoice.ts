/** What a conversation may choose from, and what a choice means to the server. */
import type { ModelSummary } from '@/api/types'

const EXTRACTIVE = 'extractive'

/** Models that write: those that make vectors only are no choice. Quoting passages comes last. */
export function offered(models: readonly ModelSummary[]): ModelSummary[] {
  const writing = models.filter(({ capabilities }) => !capabilities?.includes('embeddings'))
  return [...writing.filter(({ name }) => name !== EXTRACTIVE), ...writing.filter(({ name }) => name === EXTRACTIVE)]
}

/** The chosen model first; when it fails, the others answer in their order. Nothing chosen takes the setting back. */
export function chainOf(name: string | null, models: readonly ModelSummary[]): string[] {
  if (name === null) return []
  const others = offered(models).map((model) => model.name).filter((other) => other !== name)
  return name === EXTRACTIVE ? [EXTRACTIVE] : [name, ...others]
}

/** Those that can be chosen now: they answer, or were chosen already. */
export function available(models: readonly ModelSummary[], picked: string | null): ModelSummary[] {
  return models.filter(({ name, is_answering }) => is_answering !== false || name === picked)
}

export function isExtractive(model: ModelSummary): boolean {
  return model.name === EXTRACTIVE
}
