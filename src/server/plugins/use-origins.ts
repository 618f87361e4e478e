// Which other sites' pages may send requests from a browser (CORS); without a list, none. None may send cookies: see
// ../cookies.ts. Yoga's own plugin answers unknown origins with `null`, which is the origin of sandboxed pages, and
// sends `Vary: Origin` only to known ones.

import { HttpError } from '../http-error.ts'
import type { Plugin } from '../request-context.ts'
import { answering } from '../routes/route.ts'

/** Headers of GraphQL clients, of traces and of this server; the server trusts none of them. */
const HEADERS = [
  ...['accept', 'authorization', 'content-type', 'last-event-id', 'x-auth-token', 'x-request-id'],
  ...['apollographql-client-name', 'apollographql-client-version', 'apollo-require-preflight'],
  ...['graphql-client-name', 'graphql-client-version', 'graphql-require-preflight'],
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
]

const EXPOSED =
  'content-disposition, content-location, link, retry-after, x-poll-interval, x-request-id'

/** `allowed` in the form that browsers send: scheme, host and port, in lower case, without a slash at the end. */
export function useOrigins(allowed: readonly string[], headers: readonly string[]): Plugin {
  const known: ReadonlySet<string> = new Set(allowed)
  const isKnown = (request: Request) => known.has(request.headers.get('origin') ?? '')
  const granted = {
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers': [...HEADERS, ...headers].join(', '),
    // Seconds; the maximum that browsers allow.
    'access-control-max-age': '7200',
  }
  return {
    onRequest: answering(({ request, Response }) => {
      if (!isPreflight(request)) return undefined
      if (isKnown(request)) return new Response(null, { status: 204, headers: granted })
      throw new HttpError(
        403,
        'requests from this origin are not allowed; the operator can add it to IAM_LOGS_CORS_ORIGINS',
        {
          denied: { reason: 'foreign_origin', requested: request.headers.get('origin') },
        },
      )
    }),
    onResponse({ request, response }) {
      if (known.size === 0) return
      response.headers.append('vary', 'Origin')
      if (!isKnown(request)) return
      response.headers.set('access-control-allow-origin', request.headers.get('origin') ?? '')
      if (!isPreflight(request)) response.headers.set('access-control-expose-headers', EXPOSED)
    },
  }
}

function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.get('access-control-request-method') !== null
}
