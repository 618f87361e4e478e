// The schema builder and our only scalar. Types are declared in the files beside this one, and a
// field that joins two types in the later one's file, so that no two files import each other.

import SchemaBuilder, { type EnumRef } from '@pothos/core'
import { GraphQLError } from 'graphql'
import { quoted } from '../errors.ts'
import { formatInstant, type Instant, notAnInstant, parseInstant } from '../instant.ts'
import type { GraphContext } from './context.ts'

interface GraphTypes {
  Context: GraphContext
  Scalars: {
    DateTime: { Input: Instant; Output: Instant }
    ID: { Input: string; Output: string }
    _Any: { Input: unknown; Output: never }
  }
  DefaultFieldNullability: false
}

/** The first type parameter of Pothos's references. */
export type SchemaTypes = PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>

export const builder = new SchemaBuilder<GraphTypes>({ defaultFieldNullability: false })

builder.scalarType('DateTime', {
  description: `A date and time by RFC 3339 with an offset, such as \`2025-11-17T17:10:30.448542Z\`. Results are in
UTC with six decimal places: the microseconds that Scaleway recorded. Input may have up to nine decimal places and is
truncated to microseconds; a date without a time or an offset is refused, and so is one before the year 1685 or after
2254.`,
  serialize: formatInstant,
  parseValue(value) {
    const instant = typeof value === 'string' ? parseInstant(value) : null
    if (instant === null) {
      throw new GraphQLError(`${quoted(value)} ${notAnInstant(String(value))}`)
    }
    return instant
  },
})

builder.queryType({ description: 'The root of all queries.' })

/** An enum of these words, in upper case; `described`: the description of each. */
export function wordsType<Word extends string>(
  name: string,
  description: string,
  described: Readonly<Record<Word, string>>,
) {
  const words = Object.entries<string>(described)
  const values = words.map(([value, description]) => [value.toUpperCase(), { value, description }])
  return builder.enumType(name, { description, values: Object.fromEntries(values) }) as EnumRef<
    SchemaTypes,
    Word
  >
}

/** By the type of a field in GraphQL's notation. */
interface PlainValues {
  Boolean: boolean | null
  'Boolean!': boolean
  DateTime: Instant | null
  'DateTime!': Instant
  ID: string | null
  'ID!': string
  String: string | null
  'String!': string
}

/** Fields that expose properties of the same names, each with its description. */
export function exposed<Shape extends object, Type extends keyof PlainValues>(
  t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Shape>,
  type: Type,
  descriptions: {
    readonly [Name in keyof Shape as Shape[Name] extends PlainValues[Type] ? Name : never]?: string
  },
) {
  const nullable = !type.endsWith('!')
  const fields = Object.entries(descriptions).map(([name, description]) => [
    name,
    t.expose(name as never, { type: type.replace('!', ''), nullable, description } as never),
  ])
  return Object.fromEntries(fields) as Record<string, ReturnType<typeof t.string>>
}
