// The limits of requests at every interface that has them: the first and the last instant, exactly the largest allowed
// value and one more, and results of a single event.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatInstant } from '../src/instant.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'

let app: TestApp
let token: string

const INSTANT = at('2026-03-01T00:00:00Z')
const [earlier, exact, after] = [-1, 0, 1].map(step => event({ createdAt: INSTANT + step })) as [
  ReturnType<typeof event>,
  ReturnType<typeof event>,
  ReturnType<typeof event>,
]

beforeAll(async () => {
  app = await openApp()
  token = await app.token()
  await app.store.append([exact, after, earlier])
})
afterAll(() => app.store.close())

async function get(path: string): Promise<{ status: number; body: string }> {
  const response = await app.fetch(path, { headers: { 'x-auth-token': token } })
  return { status: response.status, body: await response.text() }
}

describe('a filter by date', () => {
  test.each([
    ['from an instant on', { createdAfter: INSTANT }, [exact, after]],
    ['before an instant', { createdBefore: INSTANT }, [earlier]],
    ['of one microsecond', { createdAfter: INSTANT, createdBefore: INSTANT + 1 }, [exact]],
    ['of no time at all', { createdAfter: INSTANT, createdBefore: INSTANT }, []],
    ['after the last event', { createdAfter: INSTANT + 2 }, []],
  ])('%s selects the same events in pages, counts, feed and export', async (_, dates, selected) => {
    const filter = Object.fromEntries(
      Object.entries(dates).map(([name, instant]) => [name, formatInstant(instant)]),
    )
    const { data, errors } = await app.ask(
      `query ($o: ID!, $f: EventFilter) { organization(id: $o) {
        events(filter: $f, orderBy: CREATED_AT_ASC) { totalCount nodes { id: eventId } pageInfo { hasNextPage } }
        last: events(filter: $f, orderBy: CREATED_AT_ASC, last: 3) { nodes { id: eventId } pageInfo { hasPreviousPage } }
        eventFeed(filter: $f) { nodes { id: eventId } hasMore }
        eventCounts(filter: $f) { total byTime(interval: MONTH) { start count } byAction { count } } } }`,
      { o: ORGANIZATION, f: filter },
      token,
    )
    expect(errors).toBeUndefined()
    const ids = selected.map(({ id }) => id)
    const { events, last, eventFeed, eventCounts } = data.organization
    const idsOf = ({ nodes }: { nodes: { id: string }[] }) => nodes.map(({ id }) => id)
    expect([idsOf(events), idsOf(last)]).toEqual([ids, ids])
    expect([events.totalCount, eventCounts.total]).toEqual([ids.length, ids.length])
    expect([events.pageInfo.hasNextPage, last.pageInfo.hasPreviousPage]).toEqual([false, false])
    expect(idsOf(eventFeed).sort()).toEqual([...ids].sort())
    const sum = (of: { count: number }[]) => of.reduce((sum, { count }) => sum + count, 0)
    expect([sum(eventCounts.byTime), sum(eventCounts.byAction)]).toEqual([ids.length, ids.length])
    const query = new URLSearchParams(filter as Record<string, string>)
    const feed = JSON.parse((await get(`/feed/${ORGANIZATION}?${query}`)).body)
    expect(idsOf({ nodes: feed.logs }).sort()).toEqual([...ids].sort())
    const exported = (await get(`/export/${ORGANIZATION}.ndjson?${query}`)).body
      .trimEnd()
      .split('\n')
    expect(exported.slice(0, -1).map(line => JSON.parse(line).id)).toEqual(ids)
  })
})

describe('eventCounts.byTime', () => {
  async function byTime(filter: object, interval: string, timeZone = 'UTC') {
    const { data, errors } = await app.ask(
      `query ($o: ID!, $f: EventFilter, $i: TimeInterval!, $z: String!) { organization(id: $o) {
        eventCounts(filter: $f) { byTime(interval: $i, timeZone: $z) { start end count } } } }`,
      { o: ORGANIZATION, f: filter, i: interval, z: timeZone },
      token,
    )
    if (errors !== undefined) return errors[0].message
    return data.organization.eventCounts.byTime.map(
      ({ start, end, count }: { start: string; end: string; count: number }) =>
        `${start.slice(0, 16)} ${end.slice(0, 16)} ${count}`,
    )
  }
  const only = (wanted: typeof exact) => ({
    createdAfter: formatInstant(wanted.createdAt),
    createdBefore: formatInstant(wanted.createdAt + 1),
  })

  test('returns one bucket for one event, wherever in the bucket the event lies', async () => {
    const [february, march] = [
      '2026-02-28T23:59 2026-03-01T00:00 1',
      '2026-03-01T00:00 2026-03-01T00:01 1',
    ]
    expect(await byTime(only(earlier), 'MINUTE')).toEqual([february])
    expect(await byTime(only(exact), 'MINUTE')).toEqual([march])
    expect(await byTime(only(after), 'MINUTE')).toEqual([march])
    // Without a filter by date the buckets go from the first event to the last.
    for (const one of [earlier, exact, after]) {
      const alone = { resourceIds: [one.resourceId] }
      expect(await byTime(alone, 'MINUTE')).toEqual([one === earlier ? february : march])
    }
  })

  test('ends with the bucket of the last event, even if the event or the filter ends exactly between two buckets', async () => {
    const two = { resourceIds: [earlier.resourceId, exact.resourceId] }
    expect(await byTime(two, 'DAY')).toEqual([
      '2026-02-28T00:00 2026-03-01T00:00 1',
      '2026-03-01T00:00 2026-03-02T00:00 1',
    ])
    expect(await byTime({ createdBefore: formatInstant(INSTANT) }, 'DAY')).toEqual([
      '2026-02-28T00:00 2026-03-01T00:00 1',
    ])
  })

  test('returns up to 10,000 buckets, and an error for more', async () => {
    const period = (minutes: number, micros = 0) => ({
      createdAfter: formatInstant(INSTANT),
      createdBefore: formatInstant(INSTANT + minutes * 60_000_000 + micros),
    })
    expect(await byTime(period(10_000), 'MINUTE')).toHaveLength(10_000)
    expect(await byTime(period(10_000, 1), 'MINUTE')).toMatch(
      /^interval: MINUTE makes more than 10000 buckets/,
    )
  })

  test.each([
    ['forward', '2026-03-29', 23, '2026-03-28T23:00 2026-03-29T22:00 0'],
    ['back', '2026-10-25', 25, '2026-10-24T22:00 2026-10-25T23:00 0'],
  ])(
    'counts a day on which clocks go %s (%s) as one bucket by day, and %i buckets by hour',
    async (_, day, hours, bucket) => {
      const noon = { createdAfter: `${day}T12:00:00Z`, createdBefore: `${day}T12:00:00.000001Z` }
      expect(await byTime(noon, 'DAY', 'Europe/Paris')).toEqual([bucket])
      const [start, end] = bucket.split(' ')
      const filter = { createdAfter: `${start}:00Z`, createdBefore: `${end}:00Z` }
      expect(await byTime(filter, 'HOUR', 'Europe/Paris')).toHaveLength(hours)
      expect(await byTime(filter, 'DAY', 'Europe/Paris')).toEqual([bucket])
    },
  )

  test('returns no buckets, and no error, for a filter that begins at the last possible instant or ends at the first', async () => {
    const last = { createdAfter: '2255-06-05T23:47:34.740990Z' }
    const first = { createdBefore: '1684-07-28T00:12:25.259010Z' }
    for (const filter of [first, last]) expect(await byTime(filter, 'DAY')).toEqual([])
  })
})

describe('the limit', () => {
  const organization = (field: string) => `organization(id: "${ORGANIZATION}") { ${field} }`
  const list = (count: number, item = '"x"') => `[${Array(count).fill(item).join(' ')}]`
  const filtered = (filter: string) => organization(`events(filter: { ${filter} }) { totalCount }`)

  test.each<[name: string, most: number, query: (count: number) => string, refused: string]>([
    [
      'first of events',
      100,
      n => organization(`events(first: ${n}) { nodes { id } }`),
      'first: 101 is more than 100, the largest page; ask for 100 and follow pageInfo',
    ],
    [
      'last of events',
      100,
      n => organization(`events(last: ${n}) { nodes { id } }`),
      'last: 101 is more than 100, the largest page; ask for 100 and follow pageInfo',
    ],
    [
      'first of principals',
      100,
      n => organization(`principals(first: ${n}) { nodes { id } }`),
      'first: 101 is more than 100, the largest page; ask for 100 and follow pageInfo',
    ],
    [
      'first of eventFeed',
      100,
      n => organization(`eventFeed(first: ${n}) { nodes { id } }`),
      'first: 101 is more than 100, the largest page; ask for 100 and follow cursor',
    ],
    [
      'first of byPrincipal',
      100,
      n => organization(`eventCounts { byPrincipal(first: ${n}) { count } }`),
      'first: 101 is more than 100; ask for 100, or filter by principalIds',
    ],
    [
      'first of byIpAddress',
      100,
      n => organization(`eventCounts { byIpAddress(first: ${n}) { nodes { count } } }`),
      'first: 101 is more than 100; ask for 100, or filter by ipAddresses',
    ],
    [
      'first of byUserAgent',
      100,
      n => organization(`eventCounts { byUserAgent(first: ${n}) { nodes { count } } }`),
      'first: 101 is more than 100; ask for 100, or filter by userAgent',
    ],
    [
      'the IDs of nodes',
      100,
      n => `nodes(ids: ${list(n)}) { id }`,
      'ids has 101 items, more than 100; split them over several queries',
    ],
    [
      'principalIds',
      100,
      n => filtered(`principalIds: ${list(n)}`),
      'principalIds has 101 items, more than 100; split them over several queries',
    ],
    [
      'resourceIds',
      100,
      n => filtered(`resourceIds: ${list(n)}`),
      'resourceIds has 101 items, more than 100; split them over several queries',
    ],
    [
      'actions',
      100,
      n => filtered(`actions: ${list(n, 'CREATED')}`),
      'actions has 101 items, more than 100; split them over several queries',
    ],
    [
      'categories',
      100,
      n => filtered(`categories: ${list(n, 'USER')}`),
      'categories has 101 items, more than 100; split them over several queries',
    ],
    [
      'the characters of userAgent',
      256,
      n => filtered(`userAgent: "${'x'.repeat(n)}"`),
      'userAgent has 257 characters, more than 256; search for a part of it',
    ],
    [
      'the characters of search',
      256,
      n => organization(`principals(search: "${'x'.repeat(n)}") { totalCount }`),
      'search has 257 characters, more than 256; search for a part of it',
    ],
  ])('of %s is %i, and one more is refused', async (_, most, query, refused) => {
    expect((await app.ask(`{ ${query(most)} }`, {}, token)).errors).toBeUndefined()
    const { errors } = await app.ask(`{ ${query(most + 1)} }`, {}, token)
    expect(errors).toMatchObject([{ message: refused, extensions: { code: 'LIMIT_EXCEEDED' } }])
  })

  test('of the representations of _entities is 1,000, and one more is refused', async () => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }'
    const ask = (count: number) =>
      app.ask(query, { r: Array(count).fill({ __typename: 'Event', eventId: exact.id }) }, token)
    expect((await ask(1_000)).data._entities).toHaveLength(1_000)
    expect((await ask(1_001)).errors?.[0].message).toBe(
      'representations has 1001 items, more than 1000; split them over several queries',
    )
  })

  test('of the characters of userAgent in a feed over HTTP is 256, and one more is refused', async () => {
    const statusFor = async (length: number) =>
      (await get(`/feed/${ORGANIZATION}?userAgent=${'x'.repeat(length)}`)).status
    expect([await statusFor(256), await statusFor(257)]).toEqual([200, 400])
  })

  test.each([
    ['events(first: 0) { nodes { id } }', null],
    ['events(first: -1) { nodes { id } }', 'first: -1 is less than 0; ask for 0 or more'],
    ['eventFeed(first: 0) { nodes { id } hasMore }', null],
    ['eventFeed(first: -1) { hasMore }', 'first: -1 is less than 0; ask for 0 or more'],
    ['eventCounts { byPrincipal(first: 1) { count } }', null],
    [
      'eventCounts { byPrincipal(first: 0) { count } }',
      'first: 0 is less than 1; ask for 1 or more',
    ],
    [
      'eventCounts { byIpAddress(first: 0) { nodes { count } } }',
      'first: 0 is less than 1; ask for 1 or more',
    ],
  ])(
    'for the smallest number is checked: %s is answered with the error %j',
    async (field, refused) => {
      const { errors } = await app.ask(`{ ${organization(field)} }`, {}, token)
      expect(errors?.[0].message ?? null).toBe(refused)
    },
  )
})

test.each([
  ['192.0.2.0/24', ['192.0.2.0', '192.0.2.255']],
  ['192.0.2.77/25', ['192.0.2.0']],
  ['192.0.2.255', ['192.0.2.255']],
  ['192.0.2.255/32', ['192.0.2.255']],
  ['0.0.0.0/0', ['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0']],
  ['::ffff:192.0.2.0/120', ['192.0.2.0', '192.0.2.255']],
  ['::ffff:c000:2ff', ['192.0.2.255']],
  ['::ffff:0.0.0.0/96', ['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0']],
  ['2001:db8::/32', ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff']],
  ['2001:DB8::', ['2001:db8::']],
  ['2001:db8::/128', ['2001:db8::']],
  [
    '::/0',
    [
      '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db8::',
      '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db9::',
    ],
  ],
])(
  'a filter by the address block %s matches its first to its last address, and no other',
  async (ipAddress, matching) => {
    const own = await openApp()
    const addresses = [
      ...['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0'],
      ...['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::'],
      ...['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
    ]
    await own.store.append(
      addresses.map((ipAddress, number) => event({ ipAddress, principalId: uuid(number) })),
    )
    const { data } = await own.ask(
      `query ($a: String!) { organizations {
      events(orderBy: CREATED_AT_ASC, filter: { ipAddresses: [$a] }) { nodes { ipAddress } } } }`,
      { a: ipAddress },
    )
    const [{ events }] = data.organizations
    expect(events.nodes.map((node: { ipAddress: string }) => node.ipAddress)).toEqual(matching)
    await own.store.close()
  },
)
