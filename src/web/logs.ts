// The Logs page as files to serve: a page that says nothing to who has no token, and what it loads, which
// packaging/page.js made of the sources in logs/. As with GraphiQL, a path is looked up and never joined to a folder.

import { readFileSync } from 'node:fs'
import * as documents from './logs/api/documents.ts'
import { assetFile, contentHash, pageFile, type StaticFile } from './static-file.ts'

/** Nothing but what comes from here; styles are set one by one from script, which needs no permission. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
]

/** The same folder from the sources and from what is published, as both stand equally deep. */
const MADE = new URL('../../dist/page/', import.meta.url)

/** What the page asks, by names of its own: answered also where nothing but persisted documents is. */
export const PAGE_DOCUMENTS: ReadonlyMap<string, string> = new Map(
  Object.entries(documents)
    .filter(([name]) => name.endsWith('Document'))
    .map(([name, document]) => [
      `logs-page/${name.slice(0, -'Document'.length)}`,
      String(document),
    ]),
)

let files: ReadonlyMap<string, StaticFile> | undefined

/**
 * The answer for a GET of this path, or `null` where this page has no such file. The page's own path is `/`. Reads
 * the files once, at the first call, and throws where they were not made.
 */
export function logsFile(path: string): StaticFile | null {
  files ??= readFiles()
  return files.get(path) ?? null
}

function readFiles(): ReadonlyMap<string, StaticFile> {
  const assets = new Map(['page.js', 'page.css', 'licences.txt'].map(name => [name, made(name)]))
  const base = `/assets/${contentHash(assets)}`
  const html = readFileSync(new URL('logs/index.html', import.meta.url), 'utf8')
  return new Map([
    ['/', pageFile(html.replaceAll('{{assets}}', base.slice(1)), CONTENT_SECURITY_POLICY)],
    ...[...assets].map(([name, body]) => [`${base}/${name}`, assetFile(name, body)] as const),
  ])
}

function made(name: string): Buffer {
  try {
    return readFileSync(new URL(name, MADE))
  } catch (error) {
    throw new Error('the Logs page was not made; run: npm run page', { cause: error })
  }
}
