// The Logs page and GraphiQL as responses: pages without any data for viewers who are not signed in, and the files that
// they load, which packaging/page.js builds. A file's path changes with its content, so it may be cached for ever; a page
// is never cached, because it contains the paths.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import * as documents from './logs/api/page-documents.ts'

/** A response with status 200. */
export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

/** The Logs page's queries under their own names. They are executed even if the server allows only persisted documents. */
export const PAGE_DOCUMENTS: ReadonlyMap<string, string> = new Map(
  Object.entries(documents)
    .filter(([name]) => name.endsWith('Document'))
    .map(([name, document]) => [
      `logs-page/${name.slice(0, -'Document'.length)}`,
      String(document),
    ]),
)

/** Only files of this server. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

/** Styles are set one by one by script, which the policy does not restrict. */
const LOGS_POLICY = [
  "style-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
]

/**
 * The editor adds `<style>` elements, which requires 'unsafe-inline'. Its fonts are data URLs in its style sheet; its
 * workers are files of this server.
 */
const GRAPHIQL_POLICY = [
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
]

/** A request's path cannot contain a space, so this key matches no request. */
const PERSISTED_PAGE = '/graphql persisted'

const NOTICE = `<p id="notice" role="note">This server runs only persisted documents: paste one exactly as in the
      server's file. The examples and introspection are refused.</p>`

let files: ReadonlyMap<string, StaticFile> | undefined

/**
 * The response to a GET of this path, or `null`: paths are looked up in a map and never joined to a folder. Reads the
 * files at the first call, and throws if they were not built. `persistedOnly`: GraphiQL says that only persisted
 * documents are executed.
 */
export function pageFile(path: string, persistedOnly = false): StaticFile | null {
  files ??= new Map([...logsFiles(), ...graphiqlFiles()])
  return files.get(path === '/graphql' && persistedOnly ? PERSISTED_PAGE : path) ?? null
}

function logsFiles(): [string, StaticFile][] {
  const { files, base } = assetsOf('logs', '/assets')
  return [['/', page('logs/index.html', { base }, LOGS_POLICY)], ...files]
}

function graphiqlFiles(): [string, StaticFile][] {
  const { files, base } = assetsOf('graphiql', '/graphql/assets')
  const graphiql = (notice: string) => page('graphiql/page.html', { base, notice }, GRAPHIQL_POLICY)
  return [['/graphql', graphiql('')], [PERSISTED_PAGE, graphiql(NOTICE)], ...files]
}

function page(
  path: string,
  { base, notice = '' }: { base: string; notice?: string },
  policy: readonly string[],
): StaticFile {
  const html = readFileSync(new URL(path, import.meta.url), 'utf8')
    .replaceAll('{{assets}}', base.slice(1))
    .replace('{{notice}}', notice)
  return file(Buffer.from(html), {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [...CONTENT_SECURITY_POLICY, ...policy].join('; '),
    'cross-origin-opener-policy': 'same-origin',
  })
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
}

/** The same relative path in the sources and in the published package, as both have the same depth. */
const MADE = new URL('../../dist/page/', import.meta.url)

/**
 * The files of a page below a folder of paths. One hash for all, as they refer to each other by relative paths, so that
 * they always match.
 */
function assetsOf(page: string, folder: string): { files: [string, StaticFile][]; base: string } {
  const made = new URL(`${page}/`, MADE)
  const hash = createHash('sha256')
  try {
    const files = readdirSync(made)
      .sort()
      .map(name => [name, readFileSync(new URL(name, made))] as const)
    for (const [name, body] of files) hash.update(`${name} ${body.length}\n`).update(body)
    const base = `${folder}/${hash.digest('base64url').slice(0, 16)}`
    return { files: files.map(([name, body]) => [`${base}/${name}`, asset(name, body)]), base }
  } catch (error) {
    throw new Error('the pages were not built; run: npm run page', { cause: error })
  }
}

function asset(name: string, body: Buffer): StaticFile {
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
  if (type === undefined) throw new Error(`${name} has no media type`)
  return file(body, {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'same-origin',
  })
}

function file(body: Buffer, headers: StaticFile['headers']): StaticFile {
  const common = { 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' }
  return { body: new Uint8Array(body), headers: { ...headers, ...common, vary: 'Accept-Encoding' } }
}
