/** Sends a form with files and says how far it is, which `fetch` cannot. */
import { ApiError } from './errors'
import { readTokens, refreshTokens } from './tokens'

export interface UploadProgress {
  sent: number
  total: number
}

export interface UploadOptions {
  onProgress?: (progress: UploadProgress) => void
  signal?: AbortSignal
}

/** POST a form; rejects with an `ApiError`, or with an `AbortError` when the person stopped it. */
export async function upload<Reply>(url: string, form: FormData, options: UploadOptions = {}): Promise<Reply> {
  const access = readTokens()?.access ?? ''
  let response = await send(url, form, access, options)
  if (response.status === 401) {
    const fresh = await refreshTokens(access)
    if (fresh) response = await send(url, form, fresh, options)
  }
  if (!response.ok) throw await ApiError.from(response)
  return (await response.json()) as Reply
}

function send(url: string, form: FormData, access: string, options: UploadOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.setRequestHeader('authorization', `Bearer ${access}`)
    request.upload.onprogress = (event) => options.onProgress?.({ sent: event.loaded, total: event.total })
    request.onload = () => resolve(toResponse(request))
    request.onerror = () => reject(ApiError.unreachable())
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'))
    options.signal?.addEventListener('abort', () => request.abort(), { once: true })
    request.send(form)
  })
}

function toResponse(request: XMLHttpRequest): Response {
  const headers = { 'x-request-id': request.getResponseHeader('x-request-id') ?? '' }
  return new Response(request.responseText, { status: request.status, headers })
}
