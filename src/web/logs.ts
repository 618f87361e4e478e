// Serves the Logs page: a page without any data for viewers who are not signed in, and the files it loads, which
// packaging/page.js builds from logs/. Like for GraphiQL, paths are looked up in a map and never joined to a folder.

import { readFileSync } from 'node:fs'
import * as documents from './logs/api/page-documents.ts'
import { madeFiles, pageFiles, type StaticFile } from './static-file.ts'

/** Only files of this server. Styles are set one by one by script, which the policy does not restrict. */
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

/** The page's queries under their own names. They are executed even if the server allows only persisted documents. */
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
 * The response to a GET of this path, or `null` if the page has no such file. The page itself is `/`. Reads the files
 * at the first call, and throws if they were not built.
 */
export function logsFile(path: string): StaticFile | null {
  files ??= readFiles()
  return files.get(path) ?? null
}

function readFiles(): ReadonlyMap<string, StaticFile> {
  const html = readFileSync(new URL('logs/index.html', import.meta.url), 'utf8')
  return pageFiles({ '/': html }, CONTENT_SECURITY_POLICY, '/assets', madeFiles('logs'))
}
