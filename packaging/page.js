// Makes dist/page, what a browser loads for the Logs page: one script, one style sheet, and the licences of what
// is in them. Run by npm as it installs a clone, before it starts and before it packs; a package has them already, so
// where esbuild is not installed nothing is done. Files that are the same are left alone, as a server may read them
// meanwhile. Any Node can run it.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(ROOT, 'dist', 'page')

const esbuild = await import('esbuild').catch(error => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return null
  throw error
})
if (esbuild === null) {
  const there = existsSync(join(FOLDER, 'page.js'))
  if (!there)
    process.stderr.write('the Logs page is not made: that needs npm ci without --omit=dev\n')
  process.exit()
}

const { metafile, outputFiles } = await esbuild.build({
  absWorkingDir: ROOT,
  entryPoints: { page: 'src/web/logs/main.tsx' },
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

mkdirSync(FOLDER, { recursive: true })
for (const { path, text } of outputFiles) put(basename(path), text)
put('licences.txt', [...packages].sort().map(licenceOf).join('\n\n'))

/** @type {(name: string, text: string) => void} */
function put(name, text) {
  const file = join(FOLDER, name)
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}

/** @type {(name: string) => string} */
function licenceOf(name) {
  const folder = join(ROOT, 'node_modules', name)
  const file = readdirSync(folder).find(file => /^licen[cs]e/i.test(file))
  if (file === undefined) throw new Error(`${name} has no licence`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
