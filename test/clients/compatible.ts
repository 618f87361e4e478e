// Checks that api.graphql is compatible with clients of the last release: compares it with released.graphql, and fails
// for each breaking change that breaking.json does not declare, and for each declaration without a breaking change. With
// --release, copies api.graphql to released.graphql and deletes the declarations.

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildASTSchema, type GraphQLSchema, parse } from 'graphql'

/** An intended breaking change: its type and path as GraphQL Inspector names them, and the reason. */
export interface Declared {
  readonly change: string
  readonly at: string
  readonly why: string
}

const NOW = new URL('../../packaging/api.graphql', import.meta.url)
const RELEASED = new URL('released.graphql', import.meta.url)
const DECLARED = new URL('breaking.json', import.meta.url)

/** A message for each error. */
export async function incompatibilities(
  released: string,
  now: string,
  declared: readonly Declared[],
): Promise<string[]> {
  const changes = await diff(schemaOf(released), schemaOf(now))
  const breaking = changes.filter(
    ({ criticality }) => criticality.level === CriticalityLevel.Breaking,
  )
  const places = breaking.map(({ type, path = '' }) => `${type} ${path}`)
  const meant = new Set(declared.map(({ change, at }) => `${change} ${at}`))
  return [
    ...breaking
      .filter((_, at) => !meant.has(places[at] ?? ''))
      .map(({ type, path = '', message }) => {
        const declaration = JSON.stringify({ change: type, at: path, why: '…' })
        return `breaks clients: ${message}; undo it, or declare it in test/clients/breaking.json: ${declaration}`
      }),
    ...[...meant]
      .filter(place => !places.includes(place))
      .map(
        place =>
          `${place} is declared in test/clients/breaking.json, but breaks nothing; remove it`,
      ),
    ...declared
      .filter(({ why }) => !why?.trim())
      .map(
        ({ change, at }) =>
          `${change} ${at} is declared in test/clients/breaking.json without a reason in "why"`,
      ),
  ]
}

function schemaOf(text: string): GraphQLSchema {
  return buildASTSchema(parse(text))
}

async function main(): Promise<void> {
  const now = readFileSync(NOW, 'utf8')
  if (process.argv.includes('--release')) {
    writeFileSync(RELEASED, now)
    writeFileSync(DECLARED, '[]\n')
    return
  }
  const faults = await incompatibilities(
    readFileSync(RELEASED, 'utf8'),
    now,
    JSON.parse(readFileSync(DECLARED, 'utf8')),
  )
  for (const fault of faults) process.stderr.write(`api.graphql ${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
