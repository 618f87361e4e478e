// Makes dist, which is what is published: the sources as JavaScript, as Node reads no TypeScript under
// node_modules. Run by npm before it packs; a clone runs its sources and needs none of this.

import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TYPESCRIPT = createRequire(import.meta.url).resolve('typescript/package.json')

rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
execFileSync(
  process.execPath,
  [join(dirname(TYPESCRIPT), 'bin', 'tsc'), '-p', join(ROOT, 'packaging')],
  { stdio: 'inherit' },
)
// What is no TypeScript is taken as it is: the pages, and the command's entry.
cpSync(join(ROOT, 'src'), join(ROOT, 'dist'), {
  recursive: true,
  filter: path => !/\.tsx?$|web\/logs\/.*\.(css|graphql|json)$/.test(path),
})
execFileSync(process.execPath, [join(ROOT, 'packaging', 'page.ts')], { stdio: 'inherit' })
