// Writes api.d.ts, the TypeScript types of the graph that the package exports, from api.graphql. With --check, writes
// nothing and fails if api.d.ts is not up to date.

import { readFileSync, writeFileSync } from 'node:fs'
import { codegen } from '@graphql-codegen/core'
import * as typescript from '@graphql-codegen/typescript'
import { buildASTSchema, parse } from 'graphql'

const ROOT = new URL('../../', import.meta.url)
const file = new URL('packaging/api.d.ts', ROOT)
const HEAD = `// TypeScript types of the graph, generated from api.graphql by: npm run schema.
// A date is a text by RFC 3339; see DateTime.

`

const document = parse(readFileSync(new URL('packaging/api.graphql', ROOT), 'utf8'))
const types = await codegen({
  filename: 'api.d.ts',
  schema: document,
  schemaAst: buildASTSchema(document),
  documents: [],
  plugins: [{ typescript: {} }],
  pluginMap: { typescript },
  config: {
    scalars: { DateTime: 'string' },
    enumType: 'string-literal',
    enumsAsTypes: true,
    // A requested field is always present, at least as null.
    avoidOptionals: { field: true },
  },
})
const written = `${HEAD}${types.replace(/\n{3,}/g, '\n\n').trimEnd()}\n`
if (!process.argv.includes('--check')) {
  writeFileSync(file, written)
} else if (readFileSync(file, 'utf8') !== written) {
  process.stderr.write('api.d.ts does not match api.graphql; run: npm run schema\n')
  process.exitCode = 1
}
