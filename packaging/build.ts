// Builds dist, which is published: the sources as JavaScript, because Node does not run TypeScript below node_modules.
// npm runs this before it packs. A clone runs its sources and does not need it.

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')
const TYPESCRIPT = createRequire(import.meta.url).resolve('typescript/package.json')

// All but dist/page, which packaging/page.js builds.
for (const name of existsSync(DIST) ? readdirSync(DIST) : []) {
  if (name !== 'page') rmSync(join(DIST, name), { recursive: true })
}
execFileSync(
  process.execPath,
  [join(dirname(TYPESCRIPT), 'bin', 'tsc'), '-p', join(ROOT, 'packaging')],
  { stdio: 'inherit' },
)
// Files that are not TypeScript are copied: the pages, and the command's entry.
cpSync(join(ROOT, 'src'), DIST, {
  recursive: true,
  filter: path => !/\.tsx?$|web\/\w+\/.*\.(css|graphql|json)$/.test(path),
})
execFileSync(process.execPath, [join(ROOT, 'packaging', 'page.js')], { stdio: 'inherit' })
