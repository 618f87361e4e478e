// The outgoing proxy for all requests of this process by `fetch`: to Scaleway and to identity providers.

import { subscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import { type ProxySettings, readProxy } from './config.ts'

/** Node 22 has no such function, and needs NODE_USE_ENV_PROXY when it starts. */
export const canHonourProxy: boolean = typeof http.setGlobalProxyFromEnv === 'function'

/** Must be called before the first request. Refuses the same settings as `readProxy`. */
export function honourProxy(): ProxySettings | null {
  const proxy = readProxy()
  if (proxy === null) return null
  // When a proxy closes the connection, Node's fetch (undici 7.29) takes that for the end of a kept connection, and
  // connects again at once, hundreds of times a second. With any other code the request fails, and is retried later.
  subscribe('undici:client:connectError', message => {
    const { error } = message as { error: { code?: unknown } }
    if (error.code === 'UND_ERR_SOCKET') error.code = 'ECONNRESET'
  })
  if (canHonourProxy) http.setGlobalProxyFromEnv({ ...proxy.variables })
  return proxy
}
