// Random queries, generated from the schema, so that new fields are included automatically. The same seed makes the same
// query.

import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { type Random, random } from '../../src/sample/random.ts'

/** The values for arguments, by type. */
export interface Values {
  readonly ids: readonly string[]
  readonly texts: readonly string[]
  readonly dates: readonly string[]
  readonly cursors: readonly string[]
  readonly addresses: readonly string[]
}

/** The depth from an Organization to the events of the principal of an event. */
const DEEPEST = 7

export function operationFrom(schema: GraphQLSchema, values: Values, seed: number): string {
  return new Maker(schema, values, seed).operation()
}

class Maker {
  readonly #schema: GraphQLSchema
  readonly #values: Values
  readonly #chance: Random
  #aliases = 0

  constructor(schema: GraphQLSchema, values: Values, seed: number) {
    this.#schema = schema
    this.#values = values
    this.#chance = random(seed)
  }

  operation(): string {
    const type = this.#schema.getQueryType()
    if (type == null) throw new TypeError('the schema has no queries')
    return this.#selection(type, 0)
  }

  #below(count: number): number {
    return this.#chance.below(count)
  }

  #one<T>(of: readonly T[]): T {
    return this.#chance.pick(of)
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const parts = [`__typename`]
    if (isAbstractType(type)) {
      for (const possible of this.#schema.getPossibleTypes(type)) {
        if (this.#below(4) === 0) {
          parts.push(`... on ${possible.name} ${this.#selection(possible, depth)}`)
        }
      }
    }
    if ((isObjectType(type) || isInterfaceType(type)) && !isUnionType(type)) {
      const fields = Object.values(type.getFields())
      const plain = fields.filter(field => !isComposite(field.type))
      const rest = fields.filter(field => isComposite(field.type))
      for (const field of plain) if (this.#below(2) === 0) parts.push(this.#field(field, depth))
      if (depth < DEEPEST && rest.length > 0) {
        for (let more = this.#below(4) === 0 ? 2 : 1; more > 0; more--) {
          parts.push(this.#field(this.#one(rest), depth))
        }
      }
    }
    return `{ ${parts.join(' ')} }`
  }

  #field(
    {
      name,
      args,
      type,
    }: { name: string; args: readonly GraphQLArgument[]; type: GraphQLOutputType },
    depth: number,
  ): string {
    const selected = args
      .filter(
        arg => (isNonNullType(arg.type) && arg.defaultValue === undefined) || this.#below(5) === 0,
      )
      .map(arg => `${arg.name}: ${this.#value(arg.type, arg.name)}`)
    // A field may be selected twice with other arguments.
    const alias = selected.length > 0 ? `a${this.#aliases++}: ` : ''
    const list = selected.length > 0 ? `(${selected.join(', ')})` : ''
    const named = getNamedType(type)
    return `${alias}${name}${list}${isComposite(type) ? ` ${this.#selection(named, depth + 1)}` : ''}`
  }

  #value(type: GraphQLInputType, name: string): string {
    if (isNonNullType(type)) return this.#value(type.ofType, name)
    if (this.#below(30) === 0) return 'null'
    if (isListType(type)) {
      const items = Array.from({ length: this.#below(4) }, () => this.#value(type.ofType, name))
      return `[${items.join(', ')}]`
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        field => isNonNullType(field.type) || this.#below(4) === 0,
      )
      return `{ ${fields.map(field => `${field.name}: ${this.#value(field.type, field.name)}`).join(', ')} }`
    }
    if (isEnumType(type)) return this.#one(type.getValues()).name
    const { ids, texts, dates, cursors, addresses } = this.#values
    switch (type.name) {
      case 'Int':
        return String(this.#below(20) === 0 ? this.#one([0, -1, 101]) : 1 + this.#below(6))
      case 'Boolean':
        return this.#one(['true', 'false'])
      case '_Any':
        return this.#representation(ids)
      case 'DateTime':
        return JSON.stringify(this.#one(dates))
      case 'ID':
        return JSON.stringify(this.#one(ids))
      default:
        if (name === 'after' || name === 'before') return JSON.stringify(this.#one(cursors))
        if (name === 'timeZone') return '"Europe/Paris"'
        return JSON.stringify(this.#one(name === 'ipAddresses' ? addresses : texts))
    }
  }

  /** A representation of an entity, of another type, or sometimes an invalid one. */
  #representation(ids: readonly string[]): string {
    const id = `id: ${JSON.stringify(this.#one(ids))}`
    if (this.#below(15) === 0)
      return this.#one([`{ ${id} }`, '{ __typename: "User" }', '"User"', '7'])
    const entity = this.#schema.getType('_Entity')
    const known = isAbstractType(entity) ? this.#schema.getPossibleTypes(entity) : []
    const name = this.#one([...known.map(({ name }) => name), 'Principal', 'Query'])
    return `{ __typename: "${name}", ${id}, name: "alice" }`
  }
}

function isComposite(type: GraphQLOutputType): boolean {
  const named = getNamedType(type)
  return isObjectType(named) || isAbstractType(named)
}
