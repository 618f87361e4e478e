// Writes src/web/logs/api/documents.ts, the types and texts of what the Logs page asks the graph, from the .graphql
// files beside its parts and api.graphql; or with --check says whether it is up to date.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { codegen } from '@graphql-codegen/core'
import * as documentNode from '@graphql-codegen/typed-document-node'
import * as operations from '@graphql-codegen/typescript-operations'
import { buildASTSchema, parse } from 'graphql'

const ROOT = new URL('..', import.meta.url)
const PAGE = new URL('src/web/logs/', ROOT)
const file = new URL('api/documents.ts', PAGE)
const HEAD = `// What the page asks the graph, with the types of what it is answered: written from the .graphql files of its parts
// and the schema by npm run schema.

`

const schema = parse(readFileSync(new URL('packaging/api.graphql', ROOT), 'utf8'))
const documents = readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.graphql'))
  .sort()
  .map(location => {
    const rawSDL = readFileSync(new URL(location, PAGE), 'utf8')
    return { location, rawSDL, document: parse(rawSDL) }
  })

const written = `${HEAD}${(
  await codegen({
    filename: 'documents.ts',
    schema,
    schemaAst: buildASTSchema(schema),
    documents,
    plugins: [{ operations: {} }, { documentNode: {} }],
    pluginMap: { operations, documentNode },
    config: {
      scalars: { DateTime: 'string', ID: 'string' },
      documentMode: 'string',
      enumType: 'string-literal',
      enumsAsTypes: true,
      useTypeImports: true,
      avoidOptionals: { field: true },
      dedupeFragments: true,
      skipTypename: true,
    },
  })
).trimEnd()}\n`

if (!process.argv.includes('--check')) {
  writeFileSync(file, written)
} else if (readFileSync(file, 'utf8') !== written) {
  process.stderr.write(
    'documents.ts is not what the page’s .graphql files say; run: npm run schema\n',
  )
  process.exitCode = 1
}
