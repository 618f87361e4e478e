// Serves Yoga's GraphiQL: the page and the files that it loads, which packaging/page.js builds.

import { readFileSync } from 'node:fs'
import { madeFiles, pageFiles, type StaticFile } from './static-file.ts'

const PAGE = '/graphql'
/** A request's path cannot contain a space, so this key matches no request. */
const PERSISTED_PAGE = '/graphql persisted'

/**
 * The editor adds `<style>` elements, which requires 'unsafe-inline'. Its fonts and some images are data URLs in its
 * style sheet; its workers are files of this server.
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
  /** Whether the page says that only persisted documents are executed. */
  readonly persistedOnly: boolean
}

let files: ReadonlyMap<string, StaticFile> | undefined

/** The response to a GET of this path, or `null`. Reads the files once, like `logsFile`. */
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
