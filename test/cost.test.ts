// What a question costs, to the point: told by the refusal of what is over the limit, and by how long who asks too fast
// is told to wait.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'

/** In points: more than any question here costs. A point comes back after a quarter of an hour, so none does. */
const BURST = 20_000
const PER_SECOND = 0.001
/** Of every request, besides what it asks for. */
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

interface Asked {
  readonly variables?: object
  readonly operationName?: string
  readonly token?: string
  readonly at?: TestApp
}

async function send(query: string, { variables, operationName, token, at = app }: Asked = {}) {
  const response = await at.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token ?? (await at.token()) },
    body: JSON.stringify({ query, variables, operationName }),
  })
  const { errors, data } = JSON.parse(await response.text())
  return { status: response.status, wait: response.headers.get('retry-after'), errors, data }
}

/** What is left of a full bucket. A wait of so many points is refused, and so tells them. */
async function leftOf(token: string, most = BURST): Promise<number> {
  if (most < 0) throw new Error('there is no end of it')
  const response = await app.fetch(`/feed/${ORGANIZATION}?limit=1000`, {
    headers: { 'x-auth-token': token },
  })
  if (response.status === 200) return 3_005 + (await leftOf(token, most - 3_005))
  const missing = Number(response.headers.get('retry-after')) * PER_SECOND
  return 3_005 - Math.round(missing)
}

/** In points; over the limit of one question, as the refusal says. */
async function costOf(query: string, asked: Asked = {}): Promise<number> {
  // Reading a document that is not known costs by itself.
  await send(query, asked.operationName ? { operationName: asked.operationName } : {})
  const token = asked.token ?? (await app.token())
  const { status, errors } = await send(query, { ...asked, token })
  const [, cost] = /^cost: ([\d,]+) is more than 5,000;/.exec(errors?.[0].message ?? '') ?? []
  if (cost !== undefined) return Number(cost.replaceAll(',', ''))
  expect([status, errors]).toEqual([200, undefined])
  return BURST - (await leftOf(token)) - REQUEST
}

const within = (selection: string) => `{ organization(id: "${ORGANIZATION}") { ${selection} } }`

// An Organization is a point; a page 10, its own object 1, and each item 1 with what is in it.
test.each<[what: string, query: string, cost: number, asked?: Asked]>([
  ['nothing but plain values', '{ __typename }', 0],
  ['an object', '{ viewer { id name } }', 1],
  ['the same field again', '{ viewer { id } a: viewer { id } }', 2],
  [
    'a list as long as the memberships',
    '{ organizations { id } viewer { memberships { owner } } }',
    3,
  ],
  ['what stands in each of them', '{ organizations { coverage { stale } } }', 12],
  ['a page', within('events(first: 7) { nodes { id } }'), 1 + 11 + 7],
  ['a page from its end', within('events(last: 7) { nodes { id } }'), 1 + 11 + 7],
  ['a page of 50 unless said', within('events { nodes { id } }'), 1 + 11 + 50],
  ['a page of none', within('events(first: 0) { nodes { id } }'), 1 + 11],
  ['a page without its items', within('events(first: 100) { pageInfo { endCursor } }'), 1 + 11 + 1],
  ['how many there are', within('events(first: 100) { totalCount }'), 1 + 11 + 10],
  ['items twice', within('events(first: 7) { nodes { id } edges { cursor } }'), 1 + 11 + 14],
  ['items in edges', within('events(first: 7) { edges { node { id } } }'), 1 + 11 + 7 * 2],
  [
    'a page by two names',
    within('a: events(first: 7) { nodes { id } } b: events(first: 3) { nodes { id } }'),
    1 + 22 + 10,
  ],
  [
    'what is in each item',
    within('events(first: 7) { nodes { principal { id } resource { resourceId } } }'),
    1 + 11 + 7 * 3,
  ],
  [
    'a page in a page',
    within('principals(first: 3) { nodes { events(first: 7) { nodes { id } } } }'),
    1 + 11 + 3 * (1 + 11 + 7),
  ],
  ['a feed', within('eventFeed(first: 7) { nodes { id } cursor }'), 1 + 11 + 7],
  ['what is complete', within('coverage { stale gaps { until } }'), 1 + 11 + 10],
  ['figures that nobody asked for', within('eventCounts { isExact }'), 2],
  [
    'figures',
    within('eventCounts { total byAction { count } byCategory { count } }'),
    2 + 300 + 20,
  ],
  [
    'a figure of the first so many',
    within('eventCounts { byPrincipal(first: 7) { count } }'),
    2 + 100 + 7,
  ],
  [
    'one of ten unless said',
    within('eventCounts { byPrincipal { principal { id } } }'),
    2 + 100 + 20,
  ],
  ['a figure by time', within('eventCounts { byTime(interval: HOUR) { count } }'), 2 + 1_000 + 10],
  [
    'figures by value',
    within(
      'eventCounts { byIpAddress(first: 7) { nodes { count } } byUserAgent(first: 3) { countedSince } }',
    ),
    2 + 1_001 + 7 + 1_001,
  ],
  [
    'a name of its day',
    within(
      'events(first: 7) { nodes { resource { nameAt(time: "2026-01-01T00:00:00Z") } principalNameThen } }',
    ),
    1 + 11 + 7 * 3,
  ],
  ['nodes by ID', '{ nodes(ids: ["a", "b", "c"]) { id } node(id: "a") { id } }', 4],
  ['no node', '{ nodes(ids: []) { id } }', 0],
  [
    'references',
    '{ _entities(representations: [{}, {}]) { ... on Event { id organization { id } } } }',
    4,
  ],
  ['the schema', '{ __schema { queryType { name } } __type(name: "Event") { name } }', 0],
])('%s', async (_, query, cost, asked) => {
  expect(await costOf(query, asked)).toBe(cost)
})

test.each<[field: string, cost: number]>([
  ['events(first: -1000) { nodes { id } }', 1 + 11],
  ['events(last: -1000) { nodes { id } }', 1 + 11],
  ['events(first: 2147483647) { nodes { id } }', 1 + 11 + 100],
  ['events(last: 2147483647) { nodes { id } }', 1 + 11 + 100],
  ['eventCounts { byPrincipal(first: -1000) { count } }', 2 + 100],
  ['eventCounts { byPrincipal(first: 2147483647) { count } }', 2 + 100 + 100],
])('a page that is refused costs as the least or the largest there is: %s', async (field, cost) => {
  await send(within(field))
  const token = await app.token()
  const { errors } = await send(within(field), { token })
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/^(first|last): -?\d+ is (less than \d|more than 100)/),
    }),
  ])
  expect(BURST - (await leftOf(token)) - REQUEST).toBe(cost)
})

describe('a fragment', () => {
  const events = 'fragment E on EventConnection { nodes { id principal { id } } }'
  const pages = (a: number, b: number) =>
    within(`a: events(first: ${a}) { ...E } b: events(first: ${b}) { ...E }`)

  test('costs in each page where it is spread by the size of that page', async () => {
    expect(await costOf(`${pages(3, 40)} ${events}`)).toBe(1 + 22 + 43 * 2)
    expect(await costOf(`${pages(40, 3)} ${events}`)).toBe(1 + 22 + 43 * 2)
    expect(await costOf(`${pages(40, 40)} ${events}`)).toBe(1 + 22 + 80 * 2)
  })

  test('costs the same in a fragment of fragments, and by the type it is spread on', async () => {
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

describe('what is left out', () => {
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
  ])('costs nothing, by %o', async (variables, cost) => {
    expect(await costOf(query, { variables })).toBe(cost)
  })

  test.each([
    ['@include(if: true) @skip(if: false)', 1 + 11 + 5],
    ['@include(if: false) @skip(if: false)', 1],
    ['@include(if: true) @skip(if: true)', 1],
  ])('by %s', async (directives, cost) => {
    const page = `events(first: 5) ${directives} { nodes { id } }`
    expect(await costOf(within(`__typename ${page}`))).toBe(cost)
  })
})

test('each operation of a document costs by itself, and each value of its variables', async () => {
  const query = `query A ($n: Int = 3) { organization(id: "${ORGANIZATION}") { events(first: $n) { nodes { id } } } }
    query B { viewer { id } } query C { a: viewer { id } b: viewer { id } }`
  for (const [asked, cost] of [
    [{ operationName: 'A' }, 15],
    [{ operationName: 'B' }, 1],
    [{ operationName: 'C' }, 2],
    [{ operationName: 'A', variables: { n: 100 } }, 112],
    [{ operationName: 'A', variables: { n: 0 } }, 12],
    [{ operationName: 'A', variables: { n: null } }, 62],
    [{ operationName: 'A' }, 15],
  ] as const) {
    expect(await costOf(query, asked), JSON.stringify(asked)).toBe(cost)
  }
})

test('lists of Organizations cost by the memberships of who asks, in one document for all', async () => {
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
  // Nothing but the token is read for what is refused.
  expect(statements).toHaveLength(1)
})

test('who has many memberships is answered by as many statements as who has few', async () => {
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

describe('exactly the limit', () => {
  const nested = (outer: number, inner: number, more = '') =>
    within(
      `principals(first: ${outer}) { nodes { events(first: ${inner}) { nodes { id } } } } ${more}`,
    )

  test('is answered, and a point more is refused with both numbers', async () => {
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

  test('what is refused costs its request and the reading of its document, however often it comes', async () => {
    const query = nested(100, 100, '#'.repeat(640))
    const reading = Math.floor((query.length / 64) ** 2)
    for (let times = 0; times < 2; times++) {
      const token = await app.token()
      expect((await send(query, { token })).errors).toHaveLength(1)
      expect(await leftOf(token)).toBe(BURST - REQUEST - reading)
    }
  })
})

describe('a bucket', () => {
  const question = within('events(first: 100) { nodes { id } }')
  /** What it costs, and the request. */
  const DUE = 1 + 11 + 100 + REQUEST

  test.each([
    ['exactly full enough for three', 3 * DUE, 3, DUE],
    ['a point short of three', 3 * DUE - 1, 2, 1],
    ['a point more than three', 3 * DUE + 1, 3, DUE - 1],
  ])('%s', async (_, burst, answered, missing) => {
    const own = await openApp({ rate: { perSecond: PER_SECOND, burst } })
    await send(question, { at: own })
    const token = await own.token()
    for (let asked = 0; asked < answered; asked++) {
      expect((await send(question, { token, at: own })).status).toBe(200)
    }
    const refused = await send(question, { token, at: own })
    expect(refused.status).toBe(429)
    expect(Math.round(Number(refused.wait) * PER_SECOND)).toBe(missing)
    expect(refused.errors).toEqual([
      {
        message: `this token has exceeded its rate limit; try again in ${refused.wait} s`,
        extensions: { code: 'LIMIT_EXCEEDED' },
      },
    ])
    // Who is refused loses nothing, and nobody else does.
    const again = await send(question, { token, at: own })
    expect(Math.round(Number(again.wait) * PER_SECOND)).toBe(missing)
    expect((await send(question, { token: await own.token(), at: own })).status).toBe(200)
    await own.store.close()
  })

  test('lets through what is dearer than it is when full, and is empty then', async () => {
    const own = await openApp({ rate: { perSecond: PER_SECOND, burst: 50 } })
    await send(question, { at: own })
    const token = await own.token()
    expect((await send(question, { token, at: own })).status).toBe(200)
    const refused = await send(question, { token, at: own })
    // A full one again is waited for, not more than it can ever hold.
    expect([refused.status, Math.round(Number(refused.wait) * PER_SECOND)]).toEqual([429, 50])
    const small = await send('{ __typename }', { token, at: own })
    expect([small.status, Math.round(Number(small.wait) * PER_SECOND)]).toEqual([429, 5])
    await own.store.close()
  })

  test('no limit is none', async () => {
    const own = await openApp({ rate: { perSecond: 0, burst: 10 } })
    const token = await own.token()
    for (let asked = 0; asked < 5; asked++) {
      expect((await send(question, { token, at: own })).status).toBe(200)
    }
    await own.store.close()
  })

  test('a page of the feed costs three points an event, 100 unless said', async () => {
    const token = await app.token()
    let left = BURST
    for (const [limit, points] of [
      ['?limit=1', 3],
      ['', 300],
      ['?limit=999', 2_997],
    ] as const) {
      const init = { headers: { 'x-auth-token': token } }
      expect((await app.fetch(`/feed/${ORGANIZATION}${limit}`, init)).status).toBe(200)
      left -= points + REQUEST
    }
    expect(await leftOf(token)).toBe(left)
  })
})
