// Writes schema.graphql from the code, or with --check says whether it is up to date.

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { printedSchema } from '../graph/schema.ts'

const file = fileURLToPath(new URL('../../schema.graphql', import.meta.url))
const printed = printedSchema()
if (!process.argv.includes('--check')) {
  writeFileSync(file, printed)
} else if (readFileSync(file, 'utf8') !== printed) {
  process.stderr.write('schema.graphql is not what the code says; run: npm run schema\n')
  process.exitCode = 1
}
