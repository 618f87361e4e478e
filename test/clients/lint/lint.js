// Checks api.graphql with graphql-eslint's rules for schemas and for Relay's connections. Its many packages are installed
// by `npm ci --prefix test/clients/lint`. In JavaScript, because the types of these packages may not be installed.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import graphql from '@graphql-eslint/eslint-plugin'
import { ESLint } from 'eslint'

const file = fileURLToPath(
  new URL(process.argv[2] ?? '../../../packaging/api.graphql', import.meta.url),
)
const { configs } = graphql

const linter = new ESLint({
  cwd: fileURLToPath(new URL('.', import.meta.url)),
  overrideConfigFile: true,
  baseConfig: {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: file } },
    },
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          rootField: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          DirectiveDefinition: true,
        },
      ],
      // These types have no `id`, because they are parts of a response that cannot be requested again.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            types: ['ApiKey', 'Coverage', 'EventFeed', 'Membership', 'PageInfo', 'Resource'],
            suffixes: ['Connection', 'Edge', 'Count', 'Counts', 'Range'],
          },
        },
      ],
      // Connections also have a list `nodes`.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
})
const results = await linter.lintText(readFileSync(file, 'utf8'), { filePath: 'api.graphql' })
/** `username` is Scaleway's term; the others are Scaleway's IDs, with the same names as in filters. */
const NAMED = /^Field "(username|eventId|principalId|resourceId)" starts with the name of the/
const messages = results
  .flatMap(result => result.messages)
  .filter(({ message }) => !NAMED.test(message))
for (const { line, column, message, ruleId } of messages) {
  process.stderr.write(
    `api.graphql:${line}:${column} ${message.replaceAll('\n', ' ')} (${ruleId})\n`,
  )
}
if (messages.length > 0) process.exitCode = 1
