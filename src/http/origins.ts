// Which other sites' pages may ask from a browser (CORS). Without a list, none: nothing is said, and the browser keeps
// the answer from them. No cookies are ever used, so none are allowed along.

import type { Call, Reply } from './exchange.ts'

export interface Origins {
  /** The answer to a browser that asks whether it may; `null` where it asks something else. */
  preflight(call: Call): Reply | null
  /** The reply as the page that asked may read it. */
  shared(call: Call, reply: Reply): Reply
}

const ALLOWED = {
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers':
    'accept, authorization, content-type, last-event-id, x-auth-token, x-request-id',
  // Seconds; no browser remembers it for longer.
  'access-control-max-age': '7200',
}

const EXPOSED =
  'content-disposition, content-location, link, retry-after, x-poll-interval, x-request-id'

/** `allowed` as browsers send them: scheme, host and port, in lower case, without a slash at the end. */
export function originsOf(allowed: readonly string[]): Origins {
  const known: ReadonlySet<string> = new Set(allowed)

  function headersFor({ headers }: Call, own?: string): Readonly<Record<string, string>> {
    const vary = own === undefined ? 'Origin' : `${own}, Origin`
    const origin = headers.get('origin')
    return origin !== null && known.has(origin)
      ? { vary, 'access-control-allow-origin': origin }
      : { vary }
  }

  return {
    preflight(call) {
      const { method, headers } = call
      if (method !== 'OPTIONS' || headers.get('access-control-request-method') === null) return null
      const own = known.size === 0 ? {} : headersFor(call)
      if (!('access-control-allow-origin' in own)) {
        const denied = { reason: 'foreign_origin', asked: headers.get('origin') } as const
        return { status: 403, headers: own, body: null, denied }
      }
      return { status: 204, headers: { ...own, ...ALLOWED }, body: null }
    },
    shared(call, reply) {
      if (known.size === 0) return reply
      const headers = { ...reply.headers, ...headersFor(call, reply.headers.vary) }
      if (!('access-control-allow-origin' in headers)) return { ...reply, headers }
      return { ...reply, headers: { ...headers, 'access-control-expose-headers': EXPOSED } }
    },
  }
}
