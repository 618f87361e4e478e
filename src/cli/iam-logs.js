#!/usr/bin/env node
// The command's entry. Plain JavaScript that any Node can read, so that an unsuitable version gets a message instead of
// a crash: an old one cannot read TypeScript, and SQLite's binding would end the process. A clone runs its sources; a
// package contains compiled code instead, because Node reads no TypeScript under node_modules.

import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

if (process.features.typescript) {
  // Compiled code is cached, which saves a third of the start time; without the cache if its folder cannot be written.
  // Not in Node's default folder, the system's temporary folder: anybody who created it first could choose the code
  // that is run.
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
