// Documents that come again are executed by graphql-jit: the same answers as graphql-js gives, to random questions over
// a schema where everything happens.

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

/** What fields give: nothing happens by chance, but by the place in the answer. */
interface Given {
  readonly seed: number
  /** Whether some things go wrong; otherwise everything is as the schema says. */
  readonly faulty: boolean
  /** Whether some values come later, a part of them by look-ups. */
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

const resolve: GraphQLFieldResolver<unknown, Given> = (source, args, given, info) => {
  const answer = () => answerAt(source, args, given, info)
  // Never at once here and later there, as everywhere in our graph.
  return given.later ? Promise.resolve().then(answer) : answer()
}

const answerAt: GraphQLFieldResolver<unknown, Given> = (_, args, given, info) => {
  const { seed, faulty, later, look } = given
  const place = []
  for (let at: typeof info.path | undefined = info.path; at; at = at.prev) place.push(at.key)
  const dice = diceAt(seed, `${place.join()} ${JSON.stringify(args)}`)
  const value = () => valueFor(String(info.returnType), dice, { faulty, later })
  const fate = faulty ? dice(30) : 3 + 10 * dice(3)
  if (fate === 0) throw new Error('thrown')
  if (fate === 1) return new Error('given')
  if (fate === 2) return null
  if (fate < 12) return value()
  const key = `${fate % 7}`
  const use = (found: unknown) => {
    if (fate === 18) throw new Error('lost')
    return faulty ? found && value() : value()
  }
  if (fate === 12) throw new Error('rejected')
  return fate < 18 ? value() : later ? look.load(key).then(use) : use(found(key))
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
  given: Pick<Given, 'faulty' | 'later'>,
): unknown {
  const { faulty, later } = given
  const named = type.replace(/!$/, '')
  if (dice(15) === 0 && (faulty || named === type)) return null
  if (named.startsWith('[')) {
    if (faulty && dice(12) === 0) return 'no list'
    const inner = named.slice(1, -1)
    // graphql-js forgets the promises of a list in which an item is wrong at once.
    const calm = later && inner.endsWith('!')
    const item = () => valueFor(inner, dice, { later, faulty: faulty && !calm })
    const list = Array.from({ length: dice(4) }, item)
    return dice(3) === 0 ? new Set(list) : list
  }
  const values = VALUES[named] ?? [...THINGS, { is: 'Nothing' }]
  return values[dice(faulty ? values.length : values.length - 1)]
}

/** The last of each is none. */
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

/** The selections of one type, in random order, with everything that may stand between them. */
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

const question = fc
  .tuple(selection('Query', 4), selection('Stone', 1), selection('Plant', 1))
  .map(([query, stone, plant]) => {
    const all = `{ ${query} } fragment S on Stone { ${stone.replaceAll(/\.\.\.[SP]\b/g, 'id')} }
      fragment P on Plant { ${plant.replaceAll(/\.\.\.[SP]\b/g, 'name')} }`
    return `query ($x: Boolean! = true, $y: Boolean!, $word: String) ${all}`
  })

const schema = schemaOf()

type Way = Pick<Given, 'seed' | 'faulty' | 'later'>

function given(way: Way): Given {
  return { ...way, look: new DataLoader(async keys => keys.map(found)) }
}

/** The answer of graphql-js, and the one to who asks for the third time. */
async function both(text: string, y: boolean, way: Way) {
  const asked = { schema, document: parse(text), variableValues: { y } }
  const executor = createExecutor(schema, () => given(way))
  for (let times = 0; times < 2; times++) await executor({ ...asked, contextValue: given(way) })
  return {
    once: await execute({ ...asked, contextValue: given(way) }),
    again: await executor({ ...asked, contextValue: given(way) }),
  }
}

function plain({ data, errors }: ExecutionResult): string {
  return JSON.stringify({ data, errors })
}

describe('beside graphql-js', () => {
  test.each([
    ['everything is at hand', { faulty: false, later: false }],
    ['values come later', { faulty: false, later: true }],
    ['things go wrong', { faulty: true, later: false }],
  ])('answers the same where %s', async (_, way) => {
    let withErrors = 0
    await fc.assert(
      fc.asyncProperty(question, fc.boolean(), fc.nat(), async (text, y, seed) => {
        const { once, again } = await both(text, y, { seed, ...way })
        expect(plain(again)).toBe(plain(once))
        if (once.errors) withErrors++
      }),
      { numRuns: LONG ? 2500 : 150 },
    )
    expect(withErrors > 0).toBe(way.faulty)
  })

  test('answers the same where things go wrong later', async () => {
    await fc.assert(
      fc.asyncProperty(question, fc.boolean(), fc.nat(), async (text, y, seed) => {
        const { once, again } = await both(text, y, { seed, faulty: true, later: true })
        expect(JSON.stringify(again.data)).toBe(JSON.stringify(once.data))
        // Of several errors around one null, which are told depends on what comes first.
        expect(again.errors === undefined).toBe(once.errors === undefined)
        for (const { path, locations } of again.errors ?? []) {
          expect([path, locations]).toEqual([expect.any(Array), expect.any(Array)])
        }
      }),
      { numRuns: LONG ? 1500 : 100 },
    )
  })
})

const CALM: Way = { seed: 1, faulty: false, later: false }

test('of two operations in one document, the one is answered that is asked for', async () => {
  const document = parse('query A { kind: __typename } query B { name: __typename }')
  const executor = createExecutor(schema, () => given(CALM))
  for (let times = 0; times < 3; times++) {
    for (const [operationName, data] of [
      ['A', { kind: 'Query' }],
      ['B', { name: 'Query' }],
    ] as const) {
      const answer = await executor({
        schema,
        document,
        operationName,
        contextValue: given(CALM),
      })
      expect(answer).toEqual({ data })
    }
  }
})
