// The cost of queries in points, exactly. It is read from the error of a query above the limit, and from the time that
// the rate limit asks to wait.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'

/** In points: more than any query here costs. A point is added only every quarter of an hour, so none is. */
const BURST = 20_000
const PER_SECOND = 0.001
/** The points of every request, in addition to its query. */
const REQUEST = 5

let app: TestApp
let statements: string[] = []

beforeAll(async () => {
  app = await openApp({
    rate: { perSecond: PER_SECOND, burst: BURST },
    onStatement: text => statements.push(text),
  })
  await app.store.append(Array.from({ length: 12 }, () => event()))
})
afterAll(() => app.store.close())

interface Sending {
  readonly variables?: object
  readonly operationName?: string
  readonly token?: string
  readonly at?: TestApp
}

async function send(query: string, { variables, operationName, token, at = app }: Sending = {}) {
  const response = await at.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token ?? (await at.token()) },
    body: JSON.stringify({ query, variables, operationName }),
  })
  const { errors, data } = JSON.parse(await response.text())
  return { status: response.status, wait: response.headers.get('retry-after'), errors, data }
}

/** The points left of a full bucket: requests are sent until one is refused, which says how many points are missing. */
async function leftOf(token: string, most = BURST): Promise<number> {
  if (most < 0) throw new Error('more points were used than there are')
  const response = await app.fetch(`/feed/${ORGANIZATION}?limit=1000`, {
    headers: { 'x-auth-token': token },
  })
  if (response.status === 200) return 3_005 + (await leftOf(token, most - 3_005))
  const missing = Number(response.headers.get('retry-after')) * PER_SECOND
  return 3_005 - Math.round(missing)
}

/** In points; above the limit of one query, as the error says. */
async function costOf(query: string, options: Sending = {}): Promise<number> {
  // Reading an unknown document costs additional points.
  await send(query, options.operationName ? { operationName: options.operationName } : {})
  const token = options.token ?? (await app.token())
  const { status, errors } = await send(query, { ...options, token })
  const [, cost] = /^cost: ([\d,]+) is more than 5,000;/.exec(errors?.[0].message ?? '') ?? []
  if (cost !== undefined) return Number(cost.replaceAll(',', ''))
  expect([status, errors]).toEqual([200, undefined])
  return BURST - (await leftOf(token)) - REQUEST
}

const within = (selection: string) => `{ organization(id: "${ORGANIZATION}") { ${selection} } }`

// An Organization costs one point, a page 10, its connection 1, and each item 1 and what it contains.
test.each<[what: string, query: string, cost: number]>([
  ['scalar fields only', '{ __typename }', 0],
  ['an object', '{ viewer { id name } }', 1],
  ['the same field again', '{ viewer { id } a: viewer { id } }', 2],
  [
    "lists of the viewer's memberships",
    '{ organizations { id } viewer { memberships { owner } } }',
    3,
  ],
  ['an object in each item of a list', '{ organizations { coverage { stale } } }', 12],
  ['a page', within('events(first: 7) { nodes { id } }'), 1 + 11 + 7],
  ['a page from the end', within('events(last: 7) { nodes { id } }'), 1 + 11 + 7],
  ['a page of the default size, 50', within('events { nodes { id } }'), 1 + 11 + 50],
  ['an empty page', within('events(first: 0) { nodes { id } }'), 1 + 11],
  ['a page without its items', within('events(first: 100) { pageInfo { endCursor } }'), 1 + 11 + 1],
  ['totalCount', within('events(first: 100) { totalCount }'), 1 + 11 + 10],
  [
    'items as nodes and as edges',
    within('events(first: 7) { nodes { id } edges { cursor } }'),
    1 + 11 + 14,
  ],
  ['items in edges', within('events(first: 7) { edges { node { id } } }'), 1 + 11 + 7 * 2],
  [
    'two pages with aliases',
    within('a: events(first: 7) { nodes { id } } b: events(first: 3) { nodes { id } }'),
    1 + 22 + 10,
  ],
  [
    'objects in each item of a page',
    within('events(first: 7) { nodes { principal { id } resource { resourceId } } }'),
    1 + 11 + 7 * 3,
  ],
  [
    'a page in a page',
    within('principals(first: 3) { nodes { events(first: 7) { nodes { id } } } }'),
    1 + 11 + 3 * (1 + 11 + 7),
  ],
  ['a feed', within('eventFeed(first: 7) { nodes { id } cursor }'), 1 + 11 + 7],
  ['coverage', within('coverage { stale gaps { until } }'), 1 + 11 + 10],
  ['eventCounts without counts', within('eventCounts { isExact }'), 2],
  [
    'counts by action and category',
    within('eventCounts { total byAction { count } byCategory { count } }'),
    2 + 300 + 20,
  ],
  [
    'the first seven counts by principal',
    within('eventCounts { byPrincipal(first: 7) { count } }'),
    2 + 100 + 7,
  ],
  [
    'the default number of counts by principal, 10',
    within('eventCounts { byPrincipal { principal { id } } }'),
    2 + 100 + 20,
  ],
  ['counts by time', within('eventCounts { byTime(interval: HOUR) { count } }'), 2 + 1_000 + 10],
  [
    'counts by IP address and user agent',
    within(
      'eventCounts { byIpAddress(first: 7) { nodes { count } } byUserAgent(first: 3) { countedSince } }',
    ),
    2 + 1_001 + 7 + 1_001,
  ],
  [
    'former names',
    within(
      'events(first: 7) { nodes { resource { nameAt(time: "2026-01-01T00:00:00Z") } principalNameThen } }',
    ),
    1 + 11 + 7 * 3,
  ],
  ['nodes by ID', '{ nodes(ids: ["a", "b", "c"]) { id } node(id: "a") { id } }', 4],
  ['an empty list of nodes', '{ nodes(ids: []) { id } }', 0],
  [
    'references to entities',
    '{ _entities(representations: [{}, {}]) { ... on Event { id organization { id } } } }',
    4,
  ],
  ['introspection', '{ __schema { queryType { name } } __type(name: "Event") { name } }', 0],
])('the cost is exact for %s', async (_, query, cost) => {
  expect(await costOf(query)).toBe(cost)
})

test.each<[field: string, cost: number]>([
  ['events(first: -1000) { nodes { id } }', 1 + 11],
  ['events(last: -1000) { nodes { id } }', 1 + 11],
  ['events(first: 2147483647) { nodes { id } }', 1 + 11 + 100],
  ['events(last: 2147483647) { nodes { id } }', 1 + 11 + 100],
  ['eventCounts { byPrincipal(first: -1000) { count } }', 2 + 100],
  ['eventCounts { byPrincipal(first: 2147483647) { count } }', 2 + 100 + 100],
])(
  'a page size out of range costs as much as the smallest or the largest allowed: %s',
  async (field, cost) => {
    await send(within(field))
    const token = await app.token()
    const { errors } = await send(within(field), { token })
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/^(first|last): -?\d+ is (less than \d|more than 100)/),
      }),
    ])
    expect(BURST - (await leftOf(token)) - REQUEST).toBe(cost)
  },
)

describe('a fragment', () => {
  const events = 'fragment E on EventConnection { nodes { id principal { id } } }'
  const pages = (a: number, b: number) =>
    within(`a: events(first: ${a}) { ...E } b: events(first: ${b}) { ...E }`)

  test('costs by the size of each page that it is spread in', async () => {
    expect(await costOf(`${pages(3, 40)} ${events}`)).toBe(1 + 22 + 43 * 2)
    expect(await costOf(`${pages(40, 3)} ${events}`)).toBe(1 + 22 + 43 * 2)
    expect(await costOf(`${pages(40, 40)} ${events}`)).toBe(1 + 22 + 80 * 2)
  })

  test('costs the same inside other fragments, on an interface, and as an inline fragment', async () => {
    const nested = `${within('a: events(first: 3) { ...F } principals(first: 4) { ...G }')}
      fragment F on EventConnection { ...E } fragment G on PrincipalConnection { nodes { id ...P } }
      fragment P on Principal { events(first: 2) { ...E } } ${events}`
    expect(await costOf(nested)).toBe(1 + 11 + 3 * 2 + 11 + 4 * (1 + 11 + 2 * 2))
    const inline = within('events(first: 3) { ... on EventConnection { nodes { ... { id } } } }')
    expect(await costOf(inline)).toBe(1 + 11 + 3)
  })

  test('costs each time it is spread', async () => {
    const twice = `${within('events(first: 3) { ...E ...E }')} ${events}`
    expect(await costOf(twice)).toBe(1 + 11 + 2 * 3 * 2)
  })
})

describe('a field with @skip or @include', () => {
  const query = `query ($yes: Boolean!, $no: Boolean = false) { organization(id: "${ORGANIZATION}") {
    a: events(first: 5) @include(if: $yes) { nodes { id } }
    b: events(first: 7) @skip(if: $yes) { nodes { id } }
    ... @include(if: $no) { c: events(first: 11) { nodes { id } } }
    ...D @skip(if: $no) } }
    fragment D on Organization { d: events(first: 13) { nodes { id } } }`

  test.each([
    [{ yes: true }, 1 + 11 + 5 + 11 + 13],
    [{ yes: false }, 1 + 11 + 7 + 11 + 13],
    [{ yes: true, no: true }, 1 + 11 + 5 + 11 + 11],
    [{ yes: false, no: true }, 1 + 11 + 7 + 11 + 11],
  ])('costs nothing if it is left out: %o', async (variables, cost) => {
    expect(await costOf(query, { variables })).toBe(cost)
  })

  test.each([
    ['@include(if: true) @skip(if: false)', 1 + 11 + 5],
    ['@include(if: false) @skip(if: false)', 1],
    ['@include(if: true) @skip(if: true)', 1],
  ])('costs nothing if one of the two leaves it out: %s', async (directives, cost) => {
    const page = `events(first: 5) ${directives} { nodes { id } }`
    expect(await costOf(within(`__typename ${page}`))).toBe(cost)
  })
})

test('the cost is that of the chosen operation of a document, with the values of its variables', async () => {
  const query = `query A ($n: Int = 3) { organization(id: "${ORGANIZATION}") { events(first: $n) { nodes { id } } } }
    query B { viewer { id } } query C { a: viewer { id } b: viewer { id } }`
  for (const [options, cost] of [
    [{ operationName: 'A' }, 15],
    [{ operationName: 'B' }, 1],
    [{ operationName: 'C' }, 2],
    [{ operationName: 'A', variables: { n: 100 } }, 112],
    [{ operationName: 'A', variables: { n: 0 } }, 12],
    [{ operationName: 'A', variables: { n: null } }, 62],
    [{ operationName: 'A' }, 15],
  ] as const) {
    expect(await costOf(query, options), JSON.stringify(options)).toBe(cost)
  }
})

test("lists of Organizations cost by the number of the viewer's memberships, also if the document is already known", async () => {
  const query =
    '{ organizations { id events(first: 2) { nodes { id } } } viewer { memberships { owner } } }'
  for (const count of [40, 1, 3, 40]) {
    const ids = Array.from({ length: count }, (_, number) => uuid(number, 'ab000000'))
    const token = await app.token([], [ORGANIZATION, ...ids.slice(1)])
    expect(await costOf(query, { token })).toBe(count * (1 + 11 + 2) + 1 + count)
  }
  const many = Array.from({ length: 400 }, (_, number) => uuid(number, 'ac000000'))
  const token = await app.token([], many)
  statements = []
  const { errors } = await send(query, { token })
  expect(errors?.[0].message).toContain(`cost: ${(400 * 14 + 1 + 400).toLocaleString('en')} is`)
  // For a refused query only the token is read.
  expect(statements).toHaveLength(1)
})

test('a query over 300 memberships executes as many SQL statements as one over two', async () => {
  const query =
    '{ organizations { id name } viewer { memberships { organization { id name } seesEvents } } }'
  const counts: number[] = []
  for (const count of [2, 300]) {
    const ids = Array.from({ length: count - 1 }, (_, number) => uuid(number, 'ad000000'))
    const token = await app.token(['AuditTrailReadOnly'], [ORGANIZATION, ...ids])
    statements = []
    const { data, errors } = await send(query, { token })
    expect(errors).toBeUndefined()
    expect(data.viewer.memberships).toHaveLength(count)
    counts.push(statements.length)
  }
  expect(counts[1]).toBe(counts[0])
})

describe('the limit of 5,000 points', () => {
  const nested = (outer: number, inner: number, more = '') =>
    within(
      `principals(first: ${outer}) { nodes { events(first: ${inner}) { nodes { id } } } } ${more}`,
    )

  test('allows a query of exactly 5,000 points, and refuses one more with both numbers', async () => {
    // 1 + 11 + 58 * (1 + 11 + 74) = 5,000
    expect((await send(nested(58, 74))).errors).toBeUndefined()
    expect(await costOf(nested(58, 74))).toBe(5_000)
    const { errors, data } = await send(nested(58, 74, 'coverage { stale }'))
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([
      {
        message: 'cost: 5,011 is more than 5,000; ask for less at once',
        extensions: { code: 'LIMIT_EXCEEDED' },
      },
    ])
    expect(await costOf(`${nested(58, 74).slice(0, -1)} viewer { id } }`)).toBe(5_001)
  })

  test('makes a refused query cost its request and the reading of its document, each time it is sent', async () => {
    const query = nested(100, 100, '#'.repeat(640))
    const reading = Math.floor((query.length / 64) ** 2)
    for (let times = 0; times < 2; times++) {
      const token = await app.token()
      expect((await send(query, { token })).errors).toHaveLength(1)
      expect(await leftOf(token)).toBe(BURST - REQUEST - reading)
    }
  })
})

describe('the rate limit', () => {
  const query = within('events(first: 100) { nodes { id } }')
  /** The points of the query and its request. */
  const COST = 1 + 11 + 100 + REQUEST

  test.each([
    ['exactly the points of three queries', 3 * COST, 3, COST],
    ['one point less than three queries cost', 3 * COST - 1, 2, 1],
    ['one point more than three queries cost', 3 * COST + 1, 3, COST - 1],
  ])(
    'with %s, refuses the first query without enough points, with the time to wait, and only for its token',
    async (_, burst, answered, missing) => {
      const own = await openApp({ rate: { perSecond: PER_SECOND, burst } })
      await send(query, { at: own })
      const token = await own.token()
      for (let number = 0; number < answered; number++) {
        expect((await send(query, { token, at: own })).status).toBe(200)
      }
      const refused = await send(query, { token, at: own })
      expect(refused.status).toBe(429)
      expect(Math.round(Number(refused.wait) * PER_SECOND)).toBe(missing)
      expect(refused.errors).toEqual([
        {
          message: `this token has exceeded its rate limit; try again in ${refused.wait} s`,
          extensions: { code: 'LIMIT_EXCEEDED' },
        },
      ])
      // A refused query costs nothing, and other tokens are not affected.
      const again = await send(query, { token, at: own })
      expect(Math.round(Number(again.wait) * PER_SECOND)).toBe(missing)
      expect((await send(query, { token: await own.token(), at: own })).status).toBe(200)
      await own.store.close()
    },
  )

  test('allows a query that costs more than all points, and leaves none', async () => {
    const own = await openApp({ rate: { perSecond: PER_SECOND, burst: 50 } })
    await send(query, { at: own })
    const token = await own.token()
    expect((await send(query, { token, at: own })).status).toBe(200)
    const refused = await send(query, { token, at: own })
    // The wait is until all points are back, not until as many as the query costs, which would be never.
    expect([refused.status, Math.round(Number(refused.wait) * PER_SECOND)]).toEqual([429, 50])
    const small = await send('{ __typename }', { token, at: own })
    expect([small.status, Math.round(Number(small.wait) * PER_SECOND)]).toEqual([429, 5])
    await own.store.close()
  })

  test('refuses nothing if it is 0 points per second', async () => {
    const own = await openApp({ rate: { perSecond: 0, burst: 10 } })
    const token = await own.token()
    for (let number = 0; number < 5; number++) {
      expect((await send(query, { token, at: own })).status).toBe(200)
    }
    await own.store.close()
  })
})
