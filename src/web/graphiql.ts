// GraphiQL as files to serve: the page, and everything it loads. Whatever is served is in one map by its
// whole path, so a path is never joined to a folder and there is nothing to traverse.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EXAMPLE_QUERIES } from './graphiql/examples.ts'
import { assetFile, contentHash, pageFile, type StaticFile } from './static-file.ts'

const PAGE = '/graphql'

/**
 * GraphiQL sets styles from script, one element at a time, which `style-src` does not forbid; only the
 * scroll lock under its dialogs and menus writes a `<style>` of its own, and that is what needs
 * 'unsafe-inline'. Its fonts and some images are data inside its style sheet.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

const NOTICE = `<p id="notice" role="note">Only persisted documents are answered here: paste one as it stands in the
      server's file. The examples, and reading the schema, are refused.</p>`

export interface PageOptions {
  /** Whether the page says that nothing else runs. */
  readonly persistedOnly: boolean
}

let files: ReadonlyMap<string, StaticFile> | undefined
let restricted: StaticFile | undefined

/**
 * The answer for a GET of this path, or `null` where this page has no such file. The page's own path is
 * `/graphql`; those of its files change with their content. Reads the files once, at the first call, and
 * throws if one cannot be read.
 */
export function graphiqlFile(
  path: string,
  { persistedOnly }: PageOptions = { persistedOnly: false },
): StaticFile | null {
  files ??= readFiles()
  if (path !== PAGE || !persistedOnly) return files.get(path) ?? null
  restricted ??= pageFile(pageText(readAssets(), NOTICE), CONTENT_SECURITY_POLICY)
  return restricted
}

function readFiles(): ReadonlyMap<string, StaticFile> {
  const assets = readAssets()
  const base = baseOf(assets)
  return new Map([
    [PAGE, pageFile(pageText(assets, ''), CONTENT_SECURITY_POLICY)],
    ...[...assets].map(([name, body]) => [`${base}/${name}`, assetFile(name, body)] as const),
  ])
}

function baseOf(assets: ReadonlyMap<string, Buffer>): string {
  return `${PAGE}/assets/${contentHash(assets)}`
}

function pageText(assets: ReadonlyMap<string, Buffer>, notice: string): string {
  return readOwn('page.html')
    .toString()
    .replaceAll('{{assets}}', baseOf(assets).slice(1))
    .replace('{{notice}}', notice)
}

/** What the page loads, by the name it loads it under. */
function readAssets(): ReadonlyMap<string, Buffer> {
  return new Map([
    ['react.js', readPackaged('react', 'umd/react.production.min.js')],
    ['react-dom.js', readPackaged('react-dom', 'umd/react-dom.production.min.js')],
    ['graphiql.js', readPackaged('graphiql', 'graphiql.min.js')],
    ['graphiql.css', readPackaged('graphiql', 'graphiql.min.css')],
    ['page.css', readOwn('page.css')],
    ['page.js', readOwn('page.js')],
    ['token.js', readOwn('token.js')],
    ['handed.js', readOwn('handed.js')],
    ['stream.js', readOwn('stream.js')],
    [
      'examples.js',
      Buffer.from(`export const EXAMPLE_QUERIES = ${JSON.stringify(EXAMPLE_QUERIES)}`),
    ],
  ])
}

function readOwn(name: string): Buffer {
  return readFileSync(new URL(`graphiql/${name}`, import.meta.url))
}

/** By way of the package's package.json: the only file that each of these packages lets others resolve. */
function readPackaged(name: string, file: string): Buffer {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  return readFileSync(join(dirname(manifest), file))
}
