// Reads a file of persisted documents, as clients' tools write it, and validates them by the schema and the limits. A
// file with any fault is refused as a whole, before clients depend on it.

import { GraphQLError } from 'graphql'
import { briefly, quoted } from '../errors.ts'
import { parseWithinLimits, validateWithinLimits } from './limits.ts'
import { schema } from './schema.ts'

/** Documents by their IDs. */
export type PersistedDocuments = ReadonlyMap<string, string>

/** The documents, or one line for each fault. */
export type ReadPersisted =
  | { readonly documents: PersistedDocuments; readonly faults?: never }
  | { readonly documents?: never; readonly faults: readonly string[] }

/**
 * A JSON object of IDs and documents, as GraphQL Code Generator's `persistedDocuments` and Relay's compiler write
 * it, or the manifest that Apollo's generate-persisted-query-manifest writes.
 */
export function readPersisted(text: string): ReadPersisted {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { faults: [`is not valid JSON: ${briefly((error as Error).message)}`] }
  }
  if (!isObject(json)) return { faults: ['is not a JSON object; give {"ID": "query …", …}'] }
  const documents = new Map<string, string>()
  const faults: string[] = []
  for (const [id, document] of isManifest(json) ? operationsIn(json) : Object.entries(json)) {
    if (typeof id !== 'string' || id === '') faults.push('has a document without an ID')
    else if (typeof document !== 'string') faults.push(`${quoted(id)} is not a string`)
    else if (documents.has(id)) faults.push(`${quoted(id)} occurs twice`)
    else {
      documents.set(id, document)
      faults.push(...errorsIn(document).map(error => `${quoted(id)}: ${shown(error)}`))
    }
  }
  if (documents.size === 0 && faults.length === 0) faults.push('contains no documents')
  return faults.length > 0 ? { faults } : { documents }
}

function errorsIn(text: string): readonly GraphQLError[] {
  try {
    return validateWithinLimits(schema, parseWithinLimits(text))
  } catch (error) {
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

function shown({ message, locations }: GraphQLError): string {
  const [place] = locations ?? []
  const where = place === undefined ? '' : ` (line ${place.line}, column ${place.column})`
  return `${message.replace(/\s*\n\s*/g, ' ')}${where}`
}

function isManifest(json: Readonly<Record<string, unknown>>): boolean {
  return json.format === 'apollo-persisted-query-manifest'
}

function operationsIn({ operations }: Readonly<Record<string, unknown>>): [unknown, unknown][] {
  const list = Array.isArray(operations) ? operations : []
  return list.map(operation => (isObject(operation) ? [operation.id, operation.body] : ['', null]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
