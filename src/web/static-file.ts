// Pages and their files as responses. A file's path changes with its content, so it may be cached for ever; the page
// itself is never cached, because it contains the paths.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** A response with status 200. */
export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
}

/** The same relative path in the sources and in the published package, as both have the same depth. */
const MADE = new URL('../../dist/page/', import.meta.url)

/** The files that packaging/page.js built for a page, by name. Throws if they were not built. */
export function madeFiles(page: string): ReadonlyMap<string, Buffer> {
  const folder = new URL(`${page}/`, MADE)
  try {
    const names = readdirSync(folder).sort()
    return new Map(names.map(name => [name, readFileSync(new URL(name, folder))]))
  } catch (error) {
    throw new Error('the pages were not built; run: npm run page', { cause: error })
  }
}

/** Pages and their files, by path. `{{assets}}` in a page is replaced by the folder of its files. */
export function pageFiles(
  pages: Readonly<Record<string, string>>,
  policy: readonly string[],
  folder: string,
  assets: ReadonlyMap<string, Buffer>,
): ReadonlyMap<string, StaticFile> {
  const base = `${folder}/${contentHash(assets)}`
  return new Map([
    ...Object.entries(pages).map(
      ([path, html]) =>
        [path, pageFile(html.replaceAll('{{assets}}', base.slice(1)), policy)] as const,
    ),
    ...[...assets].map(([name, body]) => [`${base}/${name}`, assetFile(name, body)] as const),
  ])
}

function pageFile(html: string, policy: readonly string[]): StaticFile {
  return file(Buffer.from(html), {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
}

/** A file of a page; its media type is derived from its extension. */
function assetFile(name: string, body: Buffer): StaticFile {
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
  if (type === undefined) throw new Error(`${name} has no media type`)
  return file(body, {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
}

/**
 * One hash for all files of a page, for their path: they refer to each other by relative paths, so they always match.
 */
function contentHash(assets: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [name, body] of assets) hash.update(`${name} ${body.length}\n`).update(body)
  return hash.digest('base64url').slice(0, 16)
}

function file(body: Buffer, headers: StaticFile['headers']): StaticFile {
  return { body: new Uint8Array(body), headers: { ...headers, vary: 'Accept-Encoding' } }
}
