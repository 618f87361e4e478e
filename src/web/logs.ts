// The Logs page as files to serve: a page that says nothing to who has no token, and what it loads, which
// packaging/page.js made of the sources in logs/. As with GraphiQL, a path is looked up and never joined to a folder.

import { readFileSync } from 'node:fs'
import * as documents from './logs/api/page-documents.ts'
import { madeFiles, pageFiles, type StaticFile } from './static-file.ts'

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
  const html = readFileSync(new URL('logs/index.html', import.meta.url), 'utf8')
  return pageFiles({ '/': html }, CONTENT_SECURITY_POLICY, '/assets', madeFiles('logs'))
}
