#!/usr/bin/env node
// The command's entry. Plain JavaScript that any Node can read, so that an unfit one gets a sentence instead of
// a crash: one too old cannot read the TypeScript, and SQLite's binding would end the process. A clone runs its
// sources; a package has none, as Node reads no TypeScript under node_modules, but what was made of them.

import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

if (process.features.typescript) {
  // Compiled code is kept, which saves a third of the time to start; without it where that folder cannot be written. Not
  // in Node's usual place, the system's temporary folder: whoever made that first could choose what is run.
  module.enableCompileCache(
    fileURLToPath(new URL('../../node_modules/.cache/iam-logs', import.meta.url)),
  )
  const source = new URL('./main.ts', import.meta.url)
  const made = new URL('../../dist/cli/main.js', import.meta.url)
  const { main } = await import(existsSync(source) ? source.href : made.href)
  await main(process.argv)
} else {
  process.stderr.write(
    `iam-logs needs Node 22.18 or newer, and this is ${process.versions.node}; in a clone, "npm start" and "npx iam-logs" bring their own\n`,
  )
  process.exitCode = 1
}
