// Routes that need no token: health, metrics, and the pages, which contain no data of the log.

import type { AuditStore, Clock } from '../../store.ts'
import { pageFile, type StaticFile } from '../../web/page-files.ts'
import { type Coding, codingFor, compress } from '../compression.ts'
import { HttpError } from '../http-error.ts'
import type { Plugin } from '../request-context.ts'
import { readiness, type SyncRuns } from './health-route.ts'
import { answering, type RouteRequest } from './route.ts'

export interface PageOptions {
  readonly store: AuditStore
  readonly clock: Clock
  /** See `AppOptions`. */
  readonly base: string
  readonly syncRuns: () => SyncRuns | null
  readonly metrics: (() => Promise<string>) | null
  readonly persistedOnly: boolean
}

const TEXT = 'text/plain; charset=utf-8'
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'

/** For browsers; other clients get JSON. */
const NOT_FOUND = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Page not found · IAM logs</title>
  </head>
  <body>
    <h1>Page not found</h1>
    <p><a href="{{base}}/">Go to the IAM logs</a></p>
    <p lang="fr">Page introuvable. <a href="{{base}}/">Aller aux journaux IAM</a></p>
  </body>
</html>
`

/** Also refuses unknown paths and methods. */
export function usePages(options: PageOptions): Plugin {
  return {
    onRequest: answering(route => {
      const { request, url } = route
      const { method } = request
      const path = url.pathname
      if (path === '/graphql/') {
        throw new HttpError(
          404,
          `path not found; GraphQL is at ${options.base}/graphql, without a slash at the end`,
        )
      }
      if (path === '/graphql' && !wantsPage(request)) {
        if (method === 'GET' || method === 'POST') return undefined
        throw methodNotAllowed(method, 'GET, POST')
      }
      if (path.startsWith('/export/') || path.startsWith('/feed/')) {
        if (isReading(request)) return undefined
        throw methodNotAllowed(method, 'GET, HEAD')
      }
      return answer(path, route, options)
    }),
  }
}

function isReading({ method }: Pick<Request, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD'
}

export function wantsPage(request: Pick<Request, 'method' | 'headers'>): boolean {
  return isReading(request) && (request.headers.get('accept') ?? '').includes('text/html')
}

export function methodNotAllowed(method: string, allow: string): HttpError {
  const message = `the method ${method} is not allowed for this path; use ${allow.replace(', ', ' or ')}`
  return new HttpError(405, message, { headers: { allow } })
}

async function answer(path: string, route: RouteRequest, options: PageOptions): Promise<Response> {
  const { store, clock, base, syncRuns, metrics, persistedOnly } = options
  const { request, url, context, Response } = route
  const file = pageFile(path, persistedOnly)
  const isMetrics = path === '/metrics' && metrics !== null
  if (!isReading(request) && (file !== null || isMetrics || path.startsWith('/health/'))) {
    throw methodNotAllowed(request.method, 'GET, HEAD')
  }
  const text = (body: string | null, headers: Record<string, string>, status = 200) =>
    new Response(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
  // The page's relative links are correct only with the slash; people often try /logs.
  if (path === base || (/^\/logs\/?$/.test(path) && wantsPage(request))) {
    return text(null, { location: `${base}/${url.search}` }, 308)
  }
  if (path === '/health/live') return text('live\n', { 'content-type': TEXT })
  if (isMetrics) {
    return text(await metrics(), { 'content-type': PROMETHEUS, vary: 'Accept-Encoding' })
  }
  if (path === '/health/ready') {
    const found = await readiness(store, clock(), syncRuns(), context.report)
    const status = found.status === 'ready' ? 200 : 503
    return text(JSON.stringify(found), { 'content-type': 'application/json' }, status)
  }
  if (file === null) {
    if (!wantsPage(request)) {
      throw new HttpError(404, `path not found; GraphQL is at ${base}/graphql`)
    }
    const headers = {
      'content-security-policy': "default-src 'none'",
      'content-type': 'text/html; charset=utf-8',
      vary: 'Accept',
    }
    return text(NOT_FOUND.replaceAll('{{base}}', base), headers, 404)
  }
  const coding = codingFor(request)
  // The headers are copied, because more are added to the response.
  return coding === null
    ? new Response(file.body, { headers: { ...file.headers } })
    : new Response(await compressedFile(file, coding), {
        headers: { ...file.headers, 'content-encoding': coding },
      })
}

/** Compressed at the first request, then kept. */
const files = new WeakMap<StaticFile, { [coding in Coding]?: ReturnType<typeof compress> }>()

function compressedFile(file: StaticFile, coding: Coding): ReturnType<typeof compress> {
  const compressed = files.get(file) ?? {}
  files.set(file, compressed)
  compressed[coding] ??= compress(file.body, coding, 'small')
  return compressed[coding]
}
