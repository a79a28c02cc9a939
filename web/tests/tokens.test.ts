import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { forgetTokens, onSignedOut, readTokens, refreshTokens, storeTokens } from '@/api/tokens'

function pair(name: string) {
  return { access_token: `access-${name}`, refresh_token: `refresh-${name}`, token_type: 'bearer' as const, expires_in: 900 }
}
function reply(status: number, body: unknown = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

const exchange = vi.fn<typeof fetch>()
const signedOut = vi.fn()

beforeEach(() => {
  localStorage.clear()
  exchange.mockReset()
  signedOut.mockReset()
  vi.stubGlobal('fetch', exchange)
  onSignedOut(signedOut)
  storeTokens(pair('one'))
})
afterEach(() => vi.unstubAllGlobals())

describe('refreshing', () => {
  it('stores the new pair and returns its access token', async () => {
    exchange.mockResolvedValue(reply(200, pair('two')))
    expect(await refreshTokens('access-one')).toBe('access-two')
    expect(readTokens()).toMatchObject({ access: 'access-two', refresh: 'refresh-two' })
  })

  it('sends the refresh token once, however many requests were refused together', async () => {
    exchange.mockImplementation(async () => reply(200, pair('two')))
    const fresh = await Promise.all([refreshTokens('access-one'), refreshTokens('access-one'), refreshTokens('access-one')])
    expect(fresh).toEqual(['access-two', 'access-two', 'access-two'])
    expect(exchange).toHaveBeenCalledTimes(1)
    expect(JSON.parse(String(exchange.mock.calls[0]?.[1]?.body))).toEqual({ refresh_token: 'refresh-one' })
  })

  it('takes what another tab has stored meanwhile instead of asking', async () => {
    storeTokens(pair('other-tab'))
    expect(await refreshTokens('access-one')).toBe('access-other-tab')
    expect(exchange).not.toHaveBeenCalled()
  })

  it('ends the session when the refresh token is refused', async () => {
    exchange.mockResolvedValue(reply(401))
    expect(await refreshTokens('access-one')).toBeNull()
    expect(readTokens()).toBeNull()
    expect(signedOut).toHaveBeenCalledTimes(1)
  })

  it('keeps the session when the gateway is only away', async () => {
    exchange.mockResolvedValue(reply(503))
    expect(await refreshTokens('access-one')).toBeNull()
    expect(readTokens()?.refresh).toBe('refresh-one')
    expect(signedOut).not.toHaveBeenCalled()
  })

  it('asks again after a failure', async () => {
    exchange.mockRejectedValueOnce(new TypeError('network')).mockResolvedValueOnce(reply(200, pair('two')))
    await expect(refreshTokens('access-one')).rejects.toThrow('network')
    expect(await refreshTokens('access-one')).toBe('access-two')
  })
})

it('has nothing to refresh with after signing out', async () => {
  forgetTokens()
  expect(await refreshTokens('access-one')).toBeNull()
  expect(exchange).not.toHaveBeenCalled()
})
