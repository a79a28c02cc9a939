/** The typed client: authorised, refreshed once on 401, errors as ApiError. */
import createClient from 'openapi-fetch'

import { ApiError } from './errors'
import type { paths } from './schema'
import { readTokens, refreshTokens } from './tokens'

export { ApiError } from './errors'

async function send(request: Request, access: string | undefined): Promise<Response> {
  const authorised = new Request(request)
  if (access) authorised.headers.set('authorization', `Bearer ${access}`)
  try {
    return await fetch(authorised)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw ApiError.unreachable()
  }
}

async function authorisedFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const access = readTokens()?.access
  let response = await send(request, access)
  if (response.status === 401 && access) {
    const fresh = await refreshTokens(access)
    if (fresh) response = await send(again, fresh)
  }
  if (!response.ok) throw await ApiError.from(response)
  return response
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: authorisedFetch })

/** The body of a successful reply; refusals were thrown as ApiError before. */
export async function unwrap<T>(reply: Promise<{ data?: T }>): Promise<T> {
  return (await reply).data as T
}
