// Writes schema.graphql and packaging/api.graphql from the code; with --check, reports whether they are up to date.

import { readFileSync, writeFileSync } from 'node:fs'
import { printedSchemas } from '../src/schema/schema.ts'

for (const [name, print] of Object.entries(printedSchemas)) {
  const file = new URL(`../${name}`, import.meta.url)
  if (!process.argv.includes('--check')) {
    writeFileSync(file, print())
  } else if (readFileSync(file, 'utf8') !== print()) {
    process.stderr.write(`${name} does not match the code; run: npm run schema\n`)
    process.exitCode = 1
  }
}
