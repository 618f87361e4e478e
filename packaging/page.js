// Builds dist/page, the files that a browser loads for the Logs page and for GraphiQL: for each a script, a style sheet
// and the licences of the bundled packages; and Yoga's GraphiQL as files, because as published it needs inline scripts
// and workers. First generates the types of the Logs page's queries (documents.js). npm runs this when it installs a
// clone, and before start, test and pack. A published package contains the result, so there nothing is done without
// esbuild. Unchanged files are not written, because a server may be reading them. Runs on any version of Node.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(ROOT, 'dist', 'page')

const esbuild = await import('esbuild').catch(error => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return null
  throw error
})
if (esbuild === null) {
  if (existsSync(join(FOLDER, 'logs', 'page.js'))) process.exit()
  process.stderr.write('the pages cannot be built: in a clone, run npm ci without --omit=dev\n')
  process.exit(1)
}

await import('./documents.js')
const yoga = await import('@graphql-yoga/render-graphiql/graphiql')

const { metafile, outputFiles } = await esbuild.build({
  absWorkingDir: ROOT,
  entryPoints: {
    'logs/page': 'src/web/logs/index.tsx',
    'graphiql/page': 'src/web/graphiql/page.tsx',
  },
  outdir: FOLDER,
  write: false,
  bundle: true,
  minify: true,
  metafile: true,
  format: 'esm',
  target: ['es2023', 'chrome125', 'firefox128', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
})

const packages = new Set(
  Object.keys(metafile.inputs)
    .map(path => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter(name => name !== undefined),
)

// Yoga's GraphiQL is published without a licence file; it is in the same repository as Yoga.
packages.add('graphql-yoga')
const licences = [...packages].sort().map(licenceOf).join('\n\n')

for (const { path, text } of outputFiles) put(relative(FOLDER, path), text)
put('logs/licences.txt', licences)
put('graphiql/licences.txt', licences)
put('graphiql/yoga.js', yoga.js)
put('graphiql/yoga.css', yoga.css)
// The names by which the editor requests them.
put('graphiql/editorWorkerService.js', yoga.editorWorkerService)
put('graphiql/json.js', yoga.jsonWorker)
put('graphiql/graphql.js', yoga.graphqlWorker)

/** @type {(name: string, text: string) => void} */
function put(name, text) {
  const file = join(FOLDER, name)
  mkdirSync(dirname(file), { recursive: true })
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}

/** @type {(name: string) => string} */
function licenceOf(name) {
  const folder = join(ROOT, 'node_modules', name)
  const file = readdirSync(folder).find(file => /^licen[cs]e/i.test(file))
  if (file === undefined) throw new Error(`${name} has no licence`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
