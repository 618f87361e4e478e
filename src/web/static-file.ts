// Pages and what they load, as answers. What a page loads changes its path with its content, so it may be kept for
// ever; the page itself is never kept, as it names them.

import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** An answer with status 200. */
export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>
  /** The same by gzip. */
  readonly zipped: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
}

/** A page under this Content Security Policy. */
export function pageFile(html: string, policy: readonly string[]): StaticFile {
  return file(Buffer.from(html), {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
}

/** What a page loads, named by its ending. */
export function assetFile(name: string, body: Buffer): StaticFile {
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

/** One for all that a page loads, for their path: they name each other by relative paths and so always match. */
export function contentHash(assets: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [name, body] of assets) hash.update(`${name} ${body.length}\n`).update(body)
  return hash.digest('base64url').slice(0, 16)
}

function file(body: Buffer, headers: StaticFile['headers']): StaticFile {
  return {
    body: new Uint8Array(body),
    zipped: new Uint8Array(gzipSync(body)),
    headers: { ...headers, vary: 'Accept-Encoding' },
  }
}
