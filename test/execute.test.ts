// Our execution beside graphql-js's own: the same answers to random questions over a schema where everything
// happens, and look-ups read together.

import fc from 'fast-check'
import {
  buildSchema,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  execute as graphqlExecute,
  isAbstractType,
  isObjectType,
  parse,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { createDocuments, Question } from '../src/graph/documents.ts'
import { execute } from '../src/graph/execute.ts'
import { Loader } from '../src/graph/later.ts'

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
type Ways = 'at once' | 'at once or not'

interface Given {
  readonly seed: number
  readonly ways: Ways
  readonly look: Loader<string, unknown>
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

const resolve: GraphQLFieldResolver<unknown, Given> = (_, args, { seed, ways, look }, info) => {
  const place = []
  for (let at: typeof info.path | undefined = info.path; at; at = at.prev) place.push(at.key)
  const dice = diceAt(seed, `${place.join()} ${JSON.stringify(args)}`)
  const value = () => valueFor(String(info.returnType).replace(/!$/, ''), dice)
  const fate = dice(30)
  if (fate === 0) throw new Error('thrown')
  if (fate === 1) return new Error('given')
  if (fate === 2) return null
  if (fate < 12) return value()
  const key = `${fate % 7}`
  const use = (found: unknown) => {
    if (fate === 18) throw new Error('lost')
    return found && value()
  }
  if (ways === 'at once') {
    if (fate === 12) throw new Error('rejected')
    return fate < 18 ? value() : use(found(key))
  }
  if (fate === 12) return Promise.reject(new Error('rejected'))
  return fate < 18 ? Promise.resolve().then(value) : look.load(key, use)
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

function valueFor(type: string, dice: (sides: number) => number): unknown {
  if (type.startsWith('[')) {
    if (dice(12) === 0) return 'no list'
    const list = Array.from({ length: dice(4) }, () => valueFor(type.slice(1, -1), dice))
    return dice(3) === 0 ? new Set(list) : list
  }
  if (dice(15) === 0) return null
  switch (type.replace('!', '')) {
    case 'String':
      return ['', 'a "word"', 7, true, { not: 'text' }][dice(5)]
    case 'ID':
      return ['x', 5, 'é'][dice(3)]
    case 'Int':
      return [0, 1, 2 ** 31, 1.5][dice(4)]
    case 'Float':
      return [1.5, Number.NaN, '2'][dice(3)]
    case 'Boolean':
      return dice(2) === 0
    case 'Colour':
      return ['RED', 'GREEN', 'BLUE'][dice(3)]
    default:
      return { is: ['Stone', 'Plant', 'Stone', 'Plant', 'Nothing'][dice(5)] }
  }
}

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

function given(seed: number, ways: Ways, later: boolean): Given {
  const read = (keys: readonly string[]) => keys.map(found)
  const readLater = async (keys: readonly string[]) => read(keys)
  return { seed, ways, look: new Loader(later ? readLater : read, key => ['', key]) }
}

async function both(text: string, y: boolean, seed: number, ways: Ways, later = false) {
  const document = parse(text)
  const variables = { y }
  // At once, as nulls and errors do not depend on when a value comes, and theirs leaves some rejections unheard.
  const theirs = graphqlExecute({
    schema,
    document,
    variableValues: variables,
    contextValue: given(seed, 'at once', later),
  })
  if (theirs instanceof Promise) throw new Error('theirs is not at once')
  const asked = new Question(schema, document)
  const operation = asked.operation(null)
  if (operation === null) throw new Error('no operation')
  const { coerced } = asked.coerce(operation, variables)
  const { plan } = asked.plan(operation, coerced ?? {})
  if (plan === undefined) throw new Error('no plan')
  const answered = execute(plan, given(seed, ways, later), coerced ?? {})
  const ours = answered instanceof Promise ? await answered : answered
  return { theirs, ours, atOnce: !(answered instanceof Promise) }
}

/** The words for what cannot be said are each library's own. */
function errorsOf({ errors = [] }: ExecutionResult): string[] {
  return errors.map(({ path, locations }: GraphQLError) => JSON.stringify([path, locations]))
}

describe('beside graphql-js', () => {
  test('answers the same, with the same errors in the same order, where everything is at hand', async () => {
    await fc.assert(
      fc.asyncProperty(question, fc.boolean(), fc.nat(), async (text, y, seed) => {
        const { ours, theirs, atOnce } = await both(text, y, seed, 'at once')
        expect(atOnce).toBe(true)
        expect(JSON.stringify(ours.data)).toBe(JSON.stringify(theirs.data))
        expect(errorsOf(ours)).toEqual(errorsOf(theirs))
      }),
      { numRuns: 1500 },
    )
  })

  test.each([
    ['at once', false],
    ['later', true],
  ])(
    'answers the same where values come later, from a database that answers %s',
    async (_, later) => {
      await fc.assert(
        fc.asyncProperty(question, fc.boolean(), fc.nat(), async (text, y, seed) => {
          const { ours, theirs } = await both(text, y, seed, 'at once or not', later)
          expect(JSON.stringify(ours.data)).toBe(JSON.stringify(theirs.data))
          // Of several errors around one null, which are told depends on what comes first.
          expect(ours.errors === undefined).toBe(theirs.errors === undefined)
          for (const { path, locations } of ours.errors ?? []) {
            expect([path, locations]).toEqual([expect.any(Array), expect.any(Array)])
          }
        }),
        { numRuns: 700 },
      )
    },
  )
})

describe('look-ups', () => {
  function counting(answersAtOnce: boolean) {
    const batches: (readonly string[])[] = []
    const loader = new Loader(
      (keys: readonly string[]) => {
        batches.push(keys)
        const found = keys.map(key => key.toUpperCase())
        return answersAtOnce ? found : Promise.resolve(found)
      },
      key => ['', key],
    )
    return { batches, loader }
  }

  test.each([
    ['at once', true],
    ['later', false],
  ])('that are awaited are read together, each once, where answers come %s', async (_, atOnce) => {
    const { batches, loader } = counting(atOnce)
    const first = Promise.all([loader.load('a'), loader.load('b'), loader.load('a')])
    const then = Promise.resolve().then(() => loader.load('c'))
    expect(await first).toEqual(['A', 'B', 'A'])
    expect(await then).toBe('C')
    expect(await loader.load('b')).toBe('B')
    expect(batches).toEqual([['a', 'b', 'c']])
  })

  test('of more than a thousand keys are read in several statements', async () => {
    const { batches, loader } = counting(true)
    await Promise.all(Array.from({ length: 2500 }, (_, key) => loader.load(`k${key}`)))
    expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 500])
  })

  test('do not wait for what takes long', async () => {
    const sdl = buildSchema('type Query { slow: String, soon: Thing } type Thing { name: String }')
    const wasRead = Promise.withResolvers<string>()
    const loader = new Loader(
      (keys: readonly string[]) => {
        wasRead.resolve('read')
        return keys
      },
      key => ['', key],
    )
    const query = sdl.getQueryType()?.getFields() ?? {}
    const thing = sdl.getType('Thing')
    if (!isObjectType(thing)) throw new Error('no such type')
    Object.assign(query.slow ?? {}, { resolve: () => wasRead.promise })
    Object.assign(query.soon ?? {}, { resolve: async () => ({}) })
    Object.assign(thing.getFields().name ?? {}, { resolve: () => loader.load('a') })
    const asked = createDocuments(sdl)('{ slow soon { name } }').question
    const operation = asked?.operation(null)
    const plan = operation && asked?.plan(operation, {}).plan
    if (plan === undefined || plan === null) throw new Error('no plan')
    const { data } = await execute(plan, {}, {})
    expect(JSON.stringify(data)).toBe('{"slow":"read","soon":{"name":"a"}}')
  })

  test('that fail, fail for each who asked, and are made anew after forgetting', async () => {
    let broken = true
    const loader = new Loader(
      (keys: readonly string[]) => {
        if (broken) throw new Error('broken')
        return keys
      },
      (key: string) => ['', key],
    )
    await expect(loader.load('a')).rejects.toThrow('broken')
    broken = false
    await expect(loader.load('a')).rejects.toThrow('broken')
    loader.forget()
    expect(await loader.load('a')).toBe('a')
  })

  test('of all things in all lists are read in one batch a level', async () => {
    const lists = buildSchema(
      'type Query { all: [Thing] } type Thing { name: String, things: [Thing] }',
    )
    const { batches, loader } = counting(false)
    const name: GraphQLFieldResolver<string, unknown> = key => loader.load(key)
    const things: GraphQLFieldResolver<string, unknown> = key =>
      loader.load(key, () => [`${key}1`, `${key}2`])
    const query = lists.getQueryType()?.getFields() ?? {}
    const thing = lists.getType('Thing')
    if (query.all === undefined || !isObjectType(thing)) throw new Error('no such type')
    query.all.resolve = () => ['a', 'b', 'c']
    Object.assign(thing.getFields().name ?? {}, { resolve: name })
    Object.assign(thing.getFields().things ?? {}, { resolve: things })
    const asked = createDocuments(lists)(
      '{ all { name things { name things { name } } } }',
    ).question
    const operation = asked?.operation(null)
    const plan = operation && asked?.plan(operation, {}).plan
    if (plan === undefined || plan === null) throw new Error('no plan')
    const { data } = await execute(plan, {}, {})
    expect(batches.map(({ length }) => length)).toEqual([3, 6, 12])
    expect(JSON.stringify(data)).toContain('"name":"C22"')
  })
})

describe('documents', () => {
  const prepare = createDocuments(schema)

  test('are worked out once, also those with a fault', () => {
    for (const text of ['{ name }', '{ nothing }', '{']) expect(prepare(text)).toBe(prepare(text))
  })

  test('are forgotten when others are asked more', () => {
    const [known, asked] = [prepare('{ id }'), prepare('{ number }')]
    for (let number = 0; number < 600; number++) {
      prepare(`{ a${number}: name }`)
      expect(prepare('{ number }')).toBe(asked)
    }
    expect(prepare('{ id }')).not.toBe(known)
  })

  test('that are very long are not kept', () => {
    const text = `{ name } # ${'long '.repeat(5000)}`
    expect(prepare(text)).not.toBe(prepare(text))
  })
})
