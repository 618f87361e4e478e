// Yoga's GraphiQL as files to serve: the page, and everything it loads, which packaging/page.js made.

import { readFileSync } from 'node:fs'
import { madeFiles, pageFiles, type StaticFile } from './static-file.ts'

const PAGE = '/graphql'
/** No path of a request has a space. */
const PERSISTED_PAGE = '/graphql persisted'

/**
 * Its editor writes `<style>` elements, which is what needs 'unsafe-inline'. Its fonts and some images are data inside
 * its style sheet, and its workers are files from here.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

const NOTICE = `<p id="notice" role="note">This server runs only persisted documents: paste one exactly as in the
      server's file. The examples and introspection are refused.</p>`

export interface PageOptions {
  /** Whether the page says that nothing else runs. */
  readonly persistedOnly: boolean
}

let files: ReadonlyMap<string, StaticFile> | undefined

/** The answer for a GET of this path, or `null`; reads the files once, as `logsFile` does. */
export function graphiqlFile(
  path: string,
  { persistedOnly }: PageOptions = { persistedOnly: false },
): StaticFile | null {
  if (!path.startsWith(PAGE)) return null
  files ??= readFiles()
  return files.get(path === PAGE && persistedOnly ? PERSISTED_PAGE : path) ?? null
}

function readFiles(): ReadonlyMap<string, StaticFile> {
  const html = readFileSync(new URL('graphiql/page.html', import.meta.url), 'utf8')
  const pages = {
    [PAGE]: html.replace('{{notice}}', ''),
    [PERSISTED_PAGE]: html.replace('{{notice}}', NOTICE),
  }
  return pageFiles(pages, CONTENT_SECURITY_POLICY, '/graphql/assets', madeFiles('graphiql'))
}
