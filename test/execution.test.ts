// Documents that are sent repeatedly are executed by graphql-jit: it returns the same results as graphql-js, for random
// queries over a schema whose resolvers return every kind of value and error.

import DataLoader from 'dataloader'
import fc from 'fast-check'
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  parse,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { createExecutor } from '../src/server/plugins/use-execution.ts'
import { LONG } from './support/long.ts'

const SDL = `
  enum Colour { RED GREEN }
  interface Thing { name: String  self: Thing  sure: Thing! }
  type Stone implements Thing { ${fields('Stone')} weight: Int! }
  type Plant implements Thing { ${fields('Plant')} leaves: [Int] }
  union Any = Stone | Plant
  type Query { ${fields('Query')} either: [Any]! }
`

function fields(type: string): string {
  return `name: String  id: ID!  number: Float  colour: Colour  flag(on: Boolean = true, word: String): Boolean
    self: Thing  sure: Thing!  any: Any  stones: [Stone!]  plants: [Plant]!  grid: [[Int!]]  things: [Thing!]!
    only: ${type}`
}

/** What resolvers return. It depends only on this and on the path in the result, so both executors get the same. */
interface Scenario {
  readonly seed: number
  /** Whether some resolvers fail or return wrong values; otherwise all values are as the schema says. */
  readonly faulty: boolean
  /** Whether values are promises, some of them of a DataLoader. */
  readonly later: boolean
  readonly look: DataLoader<string, string | null>
}

function schemaOf(): GraphQLSchema {
  const schema = buildSchema(SDL)
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = value => (value as { is: string }).is
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) field.resolve = resolve
  }
  return schema
}

const resolve: GraphQLFieldResolver<unknown, Scenario> = (source, args, scenario, info) => {
  const result = () => resultAt(source, args, scenario, info)
  // All fields return promises or none does, as in our graph.
  return scenario.later ? Promise.resolve().then(result) : result()
}

const resultAt: GraphQLFieldResolver<unknown, Scenario> = (_, args, scenario, info) => {
  const { seed, faulty, later, look } = scenario
  const path = []
  for (let at: typeof info.path | undefined = info.path; at; at = at.prev) path.push(at.key)
  const dice = diceAt(seed, `${path.join()} ${JSON.stringify(args)}`)
  const value = () => valueFor(String(info.returnType), dice, { faulty, later })
  const outcome = faulty ? dice(30) : 3 + 10 * dice(3)
  if (outcome === 0) throw new Error('thrown')
  if (outcome === 1) return new Error('given')
  if (outcome === 2) return null
  if (outcome < 12) return value()
  const key = `${outcome % 7}`
  const use = (found: unknown) => {
    if (outcome === 18) throw new Error('lost')
    return faulty ? found && value() : value()
  }
  if (outcome === 12) throw new Error('rejected')
  return outcome < 18 ? value() : later ? look.load(key).then(use) : use(found(key))
}

function found(key: string): string | null {
  return key === '0' ? null : key
}

function diceAt(seed: number, place: string): (sides: number) => number {
  let state = seed
  for (let at = 0; at < place.length; at++) {
    state = Math.imul(state ^ place.charCodeAt(at), 0x01000193) >>> 0
  }
  return sides => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0
    return (state >>> 8) % sides
  }
}

function valueFor(
  type: string,
  dice: (sides: number) => number,
  { faulty, later }: Pick<Scenario, 'faulty' | 'later'>,
): unknown {
  const named = type.replace(/!$/, '')
  if (dice(15) === 0 && (faulty || named === type)) return null
  if (named.startsWith('[')) {
    if (faulty && dice(12) === 0) return 'no list'
    const inner = named.slice(1, -1)
    // graphql-js does not wait for the promises of a list in which another item is wrong immediately.
    const withoutFaults = later && inner.endsWith('!')
    const item = () => valueFor(inner, dice, { later, faulty: faulty && !withoutFaults })
    const list = Array.from({ length: dice(4) }, item)
    return dice(3) === 0 ? new Set(list) : list
  }
  const values = VALUES[named] ?? [...THINGS, { is: 'Nothing' }]
  return values[dice(faulty ? values.length : values.length - 1)]
}

/** The last value of each type is invalid. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  String: ['', 'a "word"', 7, true, { not: 'text' }],
  ID: ['x', 5, 'é', { not: 'an ID' }],
  Int: [0, 1, 1.0, 2 ** 31],
  Float: [1.5, '2', Number.NaN],
  Boolean: [true, false, 'neither'],
  Colour: ['RED', 'GREEN', 'BLUE'],
  Stone: [{ is: 'Stone' }, {}],
  Plant: [{ is: 'Plant' }, {}],
}
const THINGS = [{ is: 'Stone' }, { is: 'Plant' }]

const OWN: Readonly<Record<string, readonly string[]>> = {
  Thing: ['name', '__typename'],
  Any: ['__typename'],
  Stone: ['name', 'id', 'weight', 'colour', 'flag', 'again: flag(on: false, word: $word)'],
  Plant: ['name', 'leaves', 'grid', 'number', '__typename', '__proto__: id'],
  Query: ['name', 'id', 'grid', 'flag(on: $x)', 'constructor: number', 'kind: __typename'],
}
const OBJECTS: Readonly<Record<string, string>> = {
  self: 'Thing',
  sure: 'Thing',
  any: 'Any',
  stones: 'Stone',
  plants: 'Plant',
  things: 'Thing',
  either: 'Any',
}
const COMMON = Object.keys(OBJECTS).filter(name => name !== 'either')
const NESTED: Readonly<Record<string, readonly string[]>> = {
  Any: [],
  Thing: ['self', 'sure'],
  Query: Object.keys(OBJECTS),
}

/** Selections of one type in random order: fields, fragments and directives. */
function selection(type: string, depth: number): fc.Arbitrary<string> {
  const leaf = fc.constantFrom(...(OWN[type] ?? []))
  if (depth === 0) return leaf
  const names = NESTED[type] ?? COMMON
  const deeper = names.map(name =>
    selection(OBJECTS[name] ?? '', depth - 1).map(inner => `${name} { ${inner} }`),
  )
  const part = type === 'Thing' || type === 'Any' ? ['Stone', 'Plant'] : [type]
  const inline = fc
    .constantFrom(...part)
    .chain(on => selection(on, depth - 1).map(inner => `... on ${on} { ${inner} }`))
  const bare = selection(type, depth - 1).map(inner => `... { ${inner} }`)
  const spread = fc.constantFrom('...S', '...P').map(text => (type === 'Query' ? 'name' : text))
  const one = fc.oneof(leaf, leaf, inline, bare, spread, ...deeper, ...deeper)
  const directive = fc.constantFrom('', '', '', '@include(if: $x)', '@skip(if: $y)')
  const conditional = fc
    .tuple(bare, directive)
    .map(([text, when]) => text.replace('...', `... ${when}`))
  return fc
    .array(fc.oneof(one, one, one, conditional), { minLength: 1, maxLength: 5 })
    .map(all => all.join(' '))
}

const generatedQuery = fc
  .tuple(selection('Query', 4), selection('Stone', 1), selection('Plant', 1))
  .map(([query, stone, plant]) => {
    const all = `{ ${query} } fragment S on Stone { ${stone.replaceAll(/\.\.\.[SP]\b/g, 'id')} }
      fragment P on Plant { ${plant.replaceAll(/\.\.\.[SP]\b/g, 'name')} }`
    return `query ($x: Boolean! = true, $y: Boolean!, $word: String) ${all}`
  })

const schema = schemaOf()

type Options = Pick<Scenario, 'seed' | 'faulty' | 'later'>

function scenarioOf(options: Options): Scenario {
  return { ...options, look: new DataLoader(async keys => keys.map(found)) }
}

/** The result of graphql-js, and ours when a document is sent for the third time. */
async function bothResults(text: string, y: boolean, options: Options) {
  const request = { schema, document: parse(text), variableValues: { y } }
  const scenario = () => scenarioOf(options)
  const executor = createExecutor(schema, scenario)
  for (let times = 0; times < 2; times++) await executor({ ...request, contextValue: scenario() })
  return {
    byJs: await execute({ ...request, contextValue: scenario() }),
    byJit: await executor({ ...request, contextValue: scenario() }),
  }
}

function plain({ data, errors }: ExecutionResult): string {
  return JSON.stringify({ data, errors })
}

describe('graphql-jit and graphql-js', () => {
  test.each([
    ['all values are available at once', { faulty: false, later: false }],
    ['all values are promises', { faulty: false, later: true }],
    ['resolvers fail or return wrong values', { faulty: true, later: false }],
  ])('return the same results if %s', async (_, options) => {
    let withErrors = 0
    await fc.assert(
      fc.asyncProperty(generatedQuery, fc.boolean(), fc.nat(), async (text, y, seed) => {
        const { byJs, byJit } = await bothResults(text, y, { seed, ...options })
        expect(plain(byJit)).toBe(plain(byJs))
        if (byJs.errors) withErrors++
      }),
      { numRuns: LONG ? 2500 : 150 },
    )
    expect(withErrors > 0).toBe(options.faulty)
  })

  test('return the same data, and errors in the same cases, if promises are rejected or have wrong values', async () => {
    await fc.assert(
      fc.asyncProperty(generatedQuery, fc.boolean(), fc.nat(), async (text, y, seed) => {
        const { byJs, byJit } = await bothResults(text, y, { seed, faulty: true, later: true })
        expect(JSON.stringify(byJit.data)).toBe(JSON.stringify(byJs.data))
        // If several errors lead to the same null, it depends on timing which of them are reported.
        expect(byJit.errors === undefined).toBe(byJs.errors === undefined)
        for (const { path, locations } of byJit.errors ?? []) {
          expect([path, locations]).toEqual([expect.any(Array), expect.any(Array)])
        }
      }),
      { numRuns: LONG ? 1500 : 100 },
    )
  })
})

const WITHOUT_FAULTS: Options = { seed: 1, faulty: false, later: false }

test('of two operations in one document, the one named by operationName is executed', async () => {
  const document = parse('query A { kind: __typename } query B { name: __typename }')
  const executor = createExecutor(schema, () => scenarioOf(WITHOUT_FAULTS))
  for (let times = 0; times < 3; times++) {
    for (const [operationName, data] of [
      ['A', { kind: 'Query' }],
      ['B', { name: 'Query' }],
    ] as const) {
      const answer = await executor({
        schema,
        document,
        operationName,
        contextValue: scenarioOf(WITHOUT_FAULTS),
      })
      expect(answer).toEqual({ data })
    }
  }
})
