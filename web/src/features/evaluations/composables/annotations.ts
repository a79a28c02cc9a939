/** An annotation set as people keep it in a file: a list of questions, or an object that holds one. */
import type { AnnotatedQuestion } from '@/api/types'

export const MOST_QUESTIONS = 500

function isQuestion(value: unknown): value is AnnotatedQuestion {
  if (typeof value !== 'object' || value === null) return false
  const { query, relevant } = value as Record<string, unknown>
  return typeof query === 'string' && query.trim() !== '' && Array.isArray(relevant) && relevant.length > 0
}

/** The questions of a file, or null when it is no annotation set; the server looks closer. */
export function readAnnotations(text: string): AnnotatedQuestion[] | null {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return null
  }
  const list = Array.isArray(content) ? content : (content as { questions?: unknown } | null)?.questions
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_QUESTIONS || !list.every(isQuestion)) return null
  return list.map(({ query, relevant, secondary, category }) => ({ query, relevant, secondary: secondary ?? [], category: category ?? '' }))
}
