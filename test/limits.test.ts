// The limits of a query: each holds exactly, however the query is written, and a query above a limit is refused with
// the name of the limit before any data is read.

import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'

/** The limits that docs/graph.md promises. */
const DOCUMENT_LIMITS = {
  characters: 16_384,
  tokens: 2_000,
  operations: 20,
  depth: 12,
  introspectionDepth: 15,
  rootFields: 10,
  aliases: 30,
  aliasCharacters: 100,
  directives: 8,
}

let app: TestApp
let token: string
let statements = 0

beforeAll(async () => {
  app = await openApp({ onStatement: () => statements++ })
  token = await app.token()
  await app.store.append(Array.from({ length: 120 }, () => event()))
})
afterAll(() => app.store.close())

/** `answered`, or the name of the limit that the query exceeds. */
async function verdict(query: string, variables: object = {}): Promise<string> {
  const { errors } = await app.ask(query, variables, token)
  if (errors === undefined) return 'answered'
  expect(errors).toHaveLength(1)
  const [{ message, extensions }] = errors
  expect(`${extensions.code}: ${message}`).toMatch(
    /^LIMIT_EXCEEDED: .* (more than (over )?[\d,]+[;,]?|too many to compare with each other;) /,
  )
  return message.split(':')[0]
}

const repeat = (times: number, part: (number: number) => string) =>
  Array.from({ length: times }, (_, number) => part(number)).join(' ')

/** Different ways to write the same selection of the root type. */
const ROUTES: Readonly<Record<string, (selection: string) => string>> = {
  directly: selection => `{ ${selection} }`,
  'in a fragment': selection => `{ ...All } fragment All on Query { ${selection} }`,
  'in an inline fragment': selection => `{ ... on Query { ${selection} } }`,
  'in nested fragments': selection =>
    `{ ...A } fragment A on Query { ...B } fragment B on Query { ... { ${selection} } }`,
}

/** A selection nested `depth` levels deep. */
function deep(depth: number): string {
  const round = ['organization', 'events(first: 1)', 'nodes']
  const fields = ['event(id: "x")', ...Array.from({ length: depth - 2 }, (_, at) => round[at % 3])]
  return `${fields.map(field => `${field} {`).join(' ')} __typename ${'}'.repeat(fields.length)}`
}

const LIMITS: readonly {
  name: string
  most: number
  selection: (count: number) => string
}[] = [
  { name: 'depth', most: DOCUMENT_LIMITS.depth, selection: deep },
  {
    name: 'aliases',
    most: DOCUMENT_LIMITS.aliases,
    selection: count => `viewer { ${repeat(count, number => `a${number}: __typename`)} }`,
  },
  {
    name: 'characters of an alias',
    most: DOCUMENT_LIMITS.aliasCharacters,
    selection: count => `viewer { ${'a'.repeat(count)}: __typename }`,
  },
  {
    name: 'root fields',
    most: DOCUMENT_LIMITS.rootFields,
    selection: count => repeat(count, number => `a${number}: __typename`),
  },
  {
    name: 'directives',
    most: DOCUMENT_LIMITS.directives,
    selection: count => `viewer { ${repeat(count, () => 'id @include(if: true)')} }`,
  },
]

describe.each(LIMITS)('$name: at most $most', ({ name, most, selection }) => {
  describe.each(Object.entries(ROUTES))('written %s', (_, route) => {
    test.each([
      [most - 1, 'answered'],
      [most, 'answered'],
      [most + 1, name],
    ])('%i gives: %s', async (count, expected) => {
      expect(await verdict(route(selection(count)))).toBe(expected)
    })
  })
})

describe('directives are counted', () => {
  const included = (count: number) => '@include(if: true) '.repeat(count)

  test.each<[string, (count: number) => string]>([
    ['on an operation', count => `query A ${included(count)} { viewer { id } }`],
    [
      'on the definition of a variable',
      count =>
        `query A ($a: Int ${included(count)}) { organizations { events(first: $a) { totalCount } } }`,
    ],
    [
      'on a fragment',
      count => `{ viewer { ...F } } fragment F on Viewer ${included(count)} { id }`,
    ],
    [
      'on a fragment that is not spread',
      count => `{ viewer { id } } fragment F on Viewer ${included(count)} { id }`,
    ],
    ['on a spread', count => `{ viewer { ...F ${included(count)} } } fragment F on Viewer { id }`],
    ['on an inline fragment', count => `{ viewer { ... ${included(count)} { id } } }`],
    ['on one field', count => `{ viewer ${included(count)} { id } }`],
    [
      'in several places together',
      count => `query A ($a: Int ${included(2)}) ${included(2)} { viewer ${included(count - 6)} { ...F ${included(1)} } }
        fragment F on Viewer { id ${included(1)} }`,
    ],
    [
      'once for each spread of a fragment',
      count =>
        `query A { viewer { ...F id ${included(count - 6)} ...F } } fragment F on Viewer { id ${included(3)} }`,
    ],
    [
      'in an operation that is not executed',
      count => `query A { viewer { id } } query B { viewer { id ${included(count)} } }`,
    ],
  ])('%s', async (_, query) => {
    const exceeds = async (count: number) => {
      const { errors } = await app.ask(query(count), {}, token)
      return errors?.some(
        ({ message }) => message === `directives: ${count} is more than 8; ask for less at once`,
      )
    }
    // Eight may be refused because of their location, but not because of their number.
    expect((await exceeds(8)) ?? false).toBe(false)
    expect(await exceeds(9)).toBe(true)
  })
})

test('aliases in a fragment count once for each spread, and counting them takes no more time for nested fragments', async () => {
  /** Nested fragments, the innermost of which has so many aliases. */
  const chain = (length: number, spreads: number, aliases = 1) =>
    `{ viewer { ...F0 } } ${repeat(length, at => `fragment F${at} on Viewer { ${`...F${at + 1} `.repeat(spreads)} }`)}
     fragment F${length} on Viewer { ${repeat(aliases, at => `a${at}: id`)} }`
  expect(await verdict(chain(4, 2))).toBe('answered')
  expect(await verdict(chain(5, 2))).toBe('aliases')
  /** Microseconds of processor time. */
  const work = async (query: string, times: number) => {
    const before = process.threadCpuUsage()
    for (let time = 0; time < times; time++) {
      // Each text differs, because results are cached by text.
      expect(await verdict(query + ' '.repeat(time))).toBe('aliases')
    }
    const { user, system } = process.threadCpuUsage(before)
    return user + system
  }
  expect(await work(chain(22, 2), 1)).toBeLessThan(await work(chain(22, 1, 31), 200))
})

test('a fragment that spreads itself is refused', async () => {
  const { errors } = await app.ask(
    '{ viewer { ...A } } fragment A on Viewer { id ...B } fragment B on Viewer { ...A }',
  )
  expect(errors?.[0].message).toMatch(/^Cannot spread fragment/)
})

test('aliases in an unused fragment count, because it is validated', async () => {
  const query = `{ viewer { id } } fragment A on Viewer { ${repeat(31, at => `a${at}: id`)} }`
  expect(await verdict(query)).toBe('aliases')
})

test.each([
  [DOCUMENT_LIMITS.tokens, 'answered'],
  [DOCUMENT_LIMITS.tokens + 1, 'tokens'],
])('a query of %i tokens gives: %s', async (count, expected) => {
  // A fragment and its spread are nine tokens, the braces and the field around them five, and each other field one.
  const spreads = repeat(200, at => `...F${at}`)
  const fragments = repeat(200, at => `fragment F${at} on Viewer { id }`)
  const fields = 'id '.repeat(count - 200 * 9 - 5)
  expect(await verdict(`{ viewer { ${spreads} ${fields} } } ${fragments}`)).toBe(expected)
})

test.each([
  [707, 'answered'],
  [708, 'repeated fields'],
])('the same field %i times gives: %s', async (count, expected) => {
  expect(await verdict(`{ viewer { ${'id '.repeat(count)} } }`)).toBe(expected)
})

test.each([
  [DOCUMENT_LIMITS.characters, 'answered'],
  [DOCUMENT_LIMITS.characters + 1, 'characters of query'],
])('a query of %i characters gives: %s', async (count, expected) => {
  expect(await verdict('{viewer{id}}'.padEnd(count))).toBe(expected)
})

test.each([
  [DOCUMENT_LIMITS.operations, 'answered'],
  [DOCUMENT_LIMITS.operations + 1, 'operations'],
])('a document of %i operations gives: %s', async (count, expected) => {
  const query = repeat(count, at => `query Q${at} { viewer { id } }`)
  const answer = await app.app.fetch(
    new Request('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: JSON.stringify({ query, operationName: 'Q3' }),
    }),
  )
  const body = await answer.text()
  expect(/"message":"([^:]*):/.exec(body)?.[1] ?? 'answered').toBe(expected)
})

test('the introspection query of GraphiQL is answered, and a deeper one is refused', async () => {
  const all = { inputValueDeprecation: true, descriptions: true, directiveIsRepeatable: true }
  const query = getIntrospectionQuery({ ...all, schemaDescription: true, specifiedByUrl: true })
  expect(await verdict(query)).toBe('answered')
  const types = (depth: number) => `${'ofType { '.repeat(depth)} name ${'}'.repeat(depth)}`
  const deep = (depth: number) =>
    `{ __schema { queryType { fields { type { ${types(depth)} } } } } }`
  expect(await verdict(deep(DOCUMENT_LIMITS.introspectionDepth - 5))).toBe('answered')
  expect(await verdict(deep(DOCUMENT_LIMITS.introspectionDepth - 4))).toBe('depth of introspection')
  const round = (times: number): string =>
    times === 0 ? 'name' : `fields { type { ${round(times - 1)} } }`
  expect(await verdict(`{ __schema { queryType { ${round(2)} } } }`)).toBe('answered')
  expect(await verdict(`{ __schema { queryType { ${round(3)} } } }`)).toBe('depth of introspection')
})

describe('the cost of a query', () => {
  /** Queries of so many principals, and so many events of each: each page costs 11 points, each item 1. */
  const BY_ROUTE: Readonly<Record<string, (outer: number, inner: number) => [string, object?]>> = {
    'literal numbers': (outer, inner) => [nested(outer, inner)],
    variables: (outer, inner) => [
      `query ($outer: Int, $inner: Int) ${nested('$outer', '$inner')}`,
      { outer, inner },
    ],
    'default values': (outer, inner) => [
      `query ($outer: Int = ${outer}, $inner: Int = ${inner}) ${nested('$outer', '$inner')}`,
    ],
    'a fragment': (outer, inner) => [
      `{ organization(id: "${ORGANIZATION}") { principals(first: ${outer}) { nodes { ...P } } } }
       fragment P on Principal { events(first: ${inner}) { nodes { id } } }`,
    ],
    last: (outer, inner) => [nested(outer, inner).replaceAll('first', 'last')],
  }
  function nested(outer: number | string, inner: number | string): string {
    return `{ organization(id: "${ORGANIZATION}") {
      principals(first: ${outer}) { nodes { events(first: ${inner}) { nodes { id } } } } } }`
  }

  test.each(Object.entries(BY_ROUTE))(
    'counts the sizes of pages, written with %s',
    async (_, route) => {
      // 1 + 11 + 80 * (1 + 11 + 50) = 4,972; one event more each: 5,052.
      expect(await verdict(...route(80, 50))).toBe('answered')
      expect(await verdict(...route(80, 51))).toBe('cost')
      expect(await verdict(...route(100, 100))).toBe('cost')
    },
  )

  test('counts an edge and its node as one point each', async () => {
    const query = (outer: number, inner: number) =>
      `{ organization(id: "${ORGANIZATION}") { principals(first: ${outer}) { edges { node {
         events(first: ${inner}) { edges { node { id } } } } } } } }`
    // 1 + 11 + 80 * (2 + 11 + 2 * 24) = 4,892; one event more each: 5,052.
    expect(await verdict(query(80, 24))).toBe('answered')
    expect(await verdict(query(80, 25))).toBe('cost')
  })

  test('does not count what @include omits', async () => {
    const query = `query ($all: Boolean!) { organization(id: "${ORGANIZATION}") {
      principals(first: 100) { nodes { id events(first: 100) @include(if: $all) { nodes { id } } } } } }`
    expect(await verdict(query, { all: false })).toBe('answered')
    expect(await verdict(query, { all: true })).toBe('cost')
  })

  test('is not named in the message for a page above the limit of a page', async () => {
    const { errors } = await app.ask(nested(101, 1), {}, token)
    expect(errors?.[0].message).toMatch(/^first: 101 is more than 100/)
  })

  test('is checked before any statement but the look-up of the token', async () => {
    statements = 0
    expect(await verdict(nested(100, 100))).toBe('cost')
    expect(statements).toBe(1)
  })
})

test('a response that would be too long is refused', async () => {
  const long = await openApp()
  await long.store.append(
    Array.from({ length: 70 }, (_, number) =>
      event({ userAgent: `${number}`.padEnd(60_000, 'x') }),
    ),
  )
  const query = (first: number) =>
    `{ organization(id: "${ORGANIZATION}") { events(first: ${first}) { nodes { userAgent } } } }`
  expect((await long.ask(query(60))).errors).toBeUndefined()
  const { errors, data, body } = await long.ask(query(70))
  expect(data).toBeUndefined()
  expect(errors?.[0].extensions.code).toBe('LIMIT_EXCEEDED')
  expect(errors?.[0].message).toMatch(
    /^characters of the response: 4,2\d\d,\d{3} is more than 4,000,000/,
  )
  expect(body.length).toBeLessThan(300)
  await long.store.close()
})

test('a query with hundreds of errors is answered with at most six', async () => {
  const { errors, body } = await app.ask(`{ viewer { ${repeat(500, at => `wrong${at}`)} } }`)
  expect(errors?.length).toBeLessThanOrEqual(6)
  expect(body.length).toBeLessThan(16_384)
})

describe('a query', () => {
  const PAGES = `{ organization(id: "${ORGANIZATION}") { a: events(first: 1) { nodes { id } }
    b: events(first: 2) { nodes { id } } c: events(first: 3) { totalCount } } }`

  test('with more reads than the limit is refused, and one at the limit is answered', async () => {
    // It reads the Organization, two pages and a count.
    for (const [reads, expected] of [
      [4, undefined],
      [3, 'reads: more than 3; ask for less at once'],
    ] as const) {
      const limited = await openApp({ reading: { reads } })
      await limited.store.append([event()])
      const { errors } = await limited.ask(PAGES)
      expect(errors?.[0].message).toBe(expected)
      if (expected !== undefined) expect(errors?.[0].extensions.code).toBe('LIMIT_EXCEEDED')
      await limited.store.close()
    }
  })

  test('that reads for longer than the limit is refused', async () => {
    const limited = await openApp({ reading: { time: -1 } })
    const { errors } = await limited.ask(PAGES)
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/^time: more than /),
      extensions: { code: 'LIMIT_EXCEEDED' },
    })
    await limited.store.close()
  })

  test('that reads in turns is answered the same as one that does not', async () => {
    const [inTurns, atOnce] = [
      await openApp({ reading: { turn: 0 } }),
      await openApp({ reading: { turn: Number.POSITIVE_INFINITY } }),
    ]
    for (const limited of [inTurns, atOnce]) {
      await limited.store.append(
        [1, 2, 3].map(number => event({ id: uuid(number), createdAt: at('2026-01-01T00:00:00Z') })),
      )
    }
    expect((await inTurns.ask(PAGES)).body).toBe((await atOnce.ask(PAGES)).body)
    for (const limited of [inTurns, atOnce]) await limited.store.close()
  })
})
