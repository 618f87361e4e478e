// The way out of a network that is left by a proxy only, for whatever this process asks by `fetch`: Scaleway, and the
// keys of an issuer.

import { subscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import { type ProxySettings, readProxy } from './config.ts'

/** Node 22 only does so where it was told before it began. */
export const canHonourProxy: boolean = typeof http.setGlobalProxyFromEnv === 'function'

/** To be called before anything is asked. Refuses as `readProxy`. */
export function honourProxy(): ProxySettings | null {
  const proxy = readProxy()
  if (proxy === null) return null
  // Where a proxy hangs up, Node's fetch (undici 7.29) takes that for the end of a connection it had used, and connects
  // again at once, hundreds of times a second. By any other code it gives up, and we ask again when it is time.
  subscribe('undici:client:connectError', message => {
    const { error } = message as { error: { code?: unknown } }
    if (error.code === 'UND_ERR_SOCKET') error.code = 'ECONNRESET'
  })
  if (canHonourProxy) http.setGlobalProxyFromEnv({ ...proxy.variables })
  return proxy
}
