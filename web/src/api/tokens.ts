/** The signed-in person's tokens: shared by all tabs, refreshed by one of them at a time. */
import type { Tokens } from './types'

const KEY = 'codemuse.tokens'
const LOCK = 'codemuse.refresh'

export interface StoredTokens {
  access: string
  refresh: string
}

let signedOut: () => void = () => undefined

/** Says what happens when the session is over. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler
}

export function readTokens(): StoredTokens | null {
  const text = localStorage.getItem(KEY)
  return text === null ? null : (JSON.parse(text) as StoredTokens)
}

export function storeTokens(tokens: Tokens): void {
  localStorage.setItem(KEY, JSON.stringify({ access: tokens.access_token, refresh: tokens.refresh_token }))
}

export function forgetTokens(): void {
  localStorage.removeItem(KEY)
}

/**
 * Exchanges the refresh token, which works once: whoever waited for the lock takes what the one before has stored.
 *
 * @param stale the access token that was refused
 * @returns a fresh access token, or null when the session is over
 */
export async function refreshTokens(stale: string): Promise<string | null> {
  return exclusively(async () => {
    const stored = readTokens()
    if (stored === null || stored.access !== stale) return stored?.access ?? null
    const response = await fetch('/api/v1/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: stored.refresh }),
    })
    if (response.ok) {
      storeTokens((await response.json()) as Tokens)
      return readTokens()?.access ?? null
    }
    if (response.status === 401) {
      forgetTokens()
      signedOut()
    }
    return null
  })
}

let inThisTab: Promise<unknown> = Promise.resolve()

/** Locks reach across tabs, but browsers have them only in secure contexts; elsewhere this tab at least takes turns. */
function exclusively<T>(act: () => Promise<T>): Promise<T> {
  if ('locks' in navigator) return navigator.locks.request(LOCK, act) as Promise<T>
  const turn = inThisTab.then(act, act)
  inThisTab = turn.catch(() => undefined)
  return turn
}
