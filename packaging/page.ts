// Makes dist/web/logs, what a browser loads for the Logs page: one script, one style sheet, and the licences of what
// is in them. Run by npm as it installs a clone, before it starts and before it packs; a package has them already.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const outdir = join(ROOT, 'dist', 'web', 'logs')

rmSync(outdir, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: { page: 'src/web/logs/main.tsx' },
  outdir,
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
writeFileSync(join(outdir, 'licences.txt'), [...packages].sort().map(licenceOf).join('\n\n'))

function licenceOf(name: string): string {
  const folder = join(ROOT, 'node_modules', name)
  const file = readdirSync(folder).find(file => /^licen[cs]e/i.test(file))
  if (file === undefined || !existsSync(join(folder, file)))
    throw new Error(`${name} has no licence`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
