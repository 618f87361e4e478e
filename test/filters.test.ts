// Filters of events given as texts, as in a URL or on a command line: how they are parsed, and the messages for invalid
// ones. The last test sends each filter through every interface.

import { type GraphQLInputObjectType, getNullableType, isListType } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../src/errors.ts'
import {
  FILTER_NAMES,
  type FilterName,
  type FilterTexts,
  filterFromTexts,
} from '../src/schema/filter-text.ts'
import { schema } from '../src/schema/schema.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'

function refusalOf(texts: FilterTexts): string {
  try {
    filterFromTexts(texts)
  } catch (error) {
    if (error instanceof UserError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no error'
}

test('no parameters give a filter without conditions', () => {
  expect(filterFromTexts({})).toEqual({})
})

test('each parameter sets its own condition', () => {
  const NAMES = 'createdAfter createdBefore actions categories principalIds resourceIds'
  const NOT = 'notActions notCategories notPrincipalIds notIpAddresses notUserAgents'
  const all = [...NAMES.split(' '), 'ipAddresses', 'userAgent', 'userAgents', ...NOT.split(' ')]
  expect(FILTER_NAMES).toEqual(all)
  const day = '2026-01-01T00:00:00Z'
  expect(filterFromTexts({ createdAfter: [day] })).toEqual({ createdAfter: at(day) })
  expect(filterFromTexts({ createdBefore: [day] })).toEqual({ createdBefore: at(day) })
  expect(filterFromTexts({ actions: ['created'] })).toEqual({ actions: ['created'] })
  expect(filterFromTexts({ categories: ['group'] })).toEqual({ categories: ['group'] })
  expect(filterFromTexts({ principalIds: ['a'] })).toEqual({ principalIds: ['a'] })
  expect(filterFromTexts({ resourceIds: ['a'] })).toEqual({ resourceIds: ['a'] })
  expect(filterFromTexts({ userAgent: [' a,b '] })).toEqual({ userAgent: ' a,b ' })
  expect(filterFromTexts({ userAgent: [''] })).toEqual({ userAgent: '' })
  expect(filterFromTexts({ userAgents: [' a,b ', 'c'] })).toEqual({ userAgents: [' a,b ', 'c'] })
  const block = { first: Uint8Array.of(192, 0, 2, 1), last: Uint8Array.of(192, 0, 2, 1) }
  expect(filterFromTexts({ ipAddresses: ['192.0.2.1'] })).toEqual({ addresses: [block] })
  const not = (texts: FilterTexts) => filterFromTexts(texts).not
  expect(not({ notActions: ['created'] })).toEqual({ actions: ['created'] })
  expect(not({ notCategories: ['group'] })).toEqual({ categories: ['group'] })
  expect(not({ notPrincipalIds: ['a'] })).toEqual({ principalIds: ['a'] })
  expect(not({ notIpAddresses: ['192.0.2.1'] })).toEqual({ addresses: [block] })
  expect(not({ notUserAgents: [' a,b '] })).toEqual({ userAgents: [' a,b '] })
})

test('notUserAgents is repeated for several user agents, because a user agent may contain commas', () => {
  expect(filterFromTexts({ notUserAgents: ['a, b', 'c'] })).toEqual({
    not: { userAgents: ['a, b', 'c'] },
  })
})

test('a list is given with commas, by repeating the parameter, or both; enum values and UUIDs in either case', () => {
  expect(filterFromTexts({ actions: ['CREATED, deleted', 'Unknown', 'updated'] })).toEqual({
    actions: ['created', 'deleted', 'unknown', 'updated'],
  })
  const words = 'API_KEY,user,application,group,policy,unknown'
  expect(filterFromTexts({ categories: [words] })).toEqual({
    categories: words.toLowerCase().split(','),
  })
  const upper = uuid(0xabc, 'ABCDEF00').toUpperCase()
  const ids = { principalIds: [`${upper},SCWabc`], resourceIds: [' SCWabc ', upper] }
  expect(filterFromTexts(ids)).toEqual({
    principalIds: [upper.toLowerCase(), 'SCWabc'],
    resourceIds: ['SCWabc', upper.toLowerCase()],
  })
})

test('createdAfter and createdBefore may be equal', () => {
  const day = '2026-01-01T00:00:00Z'
  expect(filterFromTexts({ createdAfter: [day], createdBefore: [day] })).toEqual({
    createdAfter: at(day),
    createdBefore: at(day),
  })
})

describe('an IP address or CIDR block', () => {
  const v4 = (...ends: string[]) => ends.map(text => text.split('.').map(Number))
  const zeros = (count: number) => new Array<number>(count).fill(0)

  test.each([
    ['192.0.2.77', v4('192.0.2.77', '192.0.2.77')],
    ['192.0.2.77/32', v4('192.0.2.77', '192.0.2.77')],
    ['192.0.2.77/24', v4('192.0.2.0', '192.0.2.255')],
    ['192.0.2.77/30', v4('192.0.2.76', '192.0.2.79')],
    ['192.0.2.77/0', v4('0.0.0.0', '255.255.255.255')],
    ['2001:db8::1', [0x01, 0x01].map(end => [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), end])],
    [
      '2001:DB8::/32',
      [zeros(12), zeros(12).fill(255)].map(rest => [0x20, 0x01, 0x0d, 0xb8, ...rest]),
    ],
    ['::/0', [zeros(16), zeros(16).fill(255)]],
    // An IPv4-mapped IPv6 address is IPv4, as in events; a block larger than all of IPv4 remains IPv6.
    ['::ffff:192.0.2.1', v4('192.0.2.1', '192.0.2.1')],
    ['::ffff:c000:200/120', v4('192.0.2.0', '192.0.2.255')],
    ['::ffff:0:0/96', v4('0.0.0.0', '255.255.255.255')],
    [
      '::ffff:0:0/95',
      [
        [...zeros(10), 255, 254, ...zeros(4)],
        [...zeros(10), ...zeros(6).fill(255)],
      ],
    ],
  ])('%s is parsed to its first and last address', (text, ends) => {
    const [first, last] = ends.map(end => Uint8Array.from(end))
    expect(filterFromTexts({ ipAddresses: [text], notIpAddresses: [text] })).toEqual({
      addresses: [{ first, last }],
      not: { addresses: [{ first, last }] },
    })
  })

  test.each([
    'localhost',
    '192.0.2',
    '192.0.2.256',
    '010.0.0.1',
    '0x7f.0.0.1',
    '3221225985',
    '192.0.2.1/33',
    '192.0.2.1/-1',
    '192.0.2.1/',
    '192.0.2.1/x',
    '192.0.2.1/24/24',
    '/24',
    '2001:db8::/129',
    '2001:db8:::1',
    '192.0.2.1:443',
  ])('cannot be the text %j', text => {
    const refusal = `"${text}" is neither an address nor a CIDR block; write it like "203.0.113.7" or "2001:db8::/32"`
    expect(refusalOf({ ipAddresses: ['::1', text] })).toBe(
      `BAD_USER_INPUT: ipAddresses: ${refusal}`,
    )
    expect(refusalOf({ notIpAddresses: ['::1', text] })).toBe(
      `BAD_USER_INPUT: not.ipAddresses: ${refusal}`,
    )
  })
})

const DAY = '2026-01-01T00:00:00Z'

test.each([
  [
    { createdAfter: ['2026-01-01'] },
    'BAD_USER_INPUT: createdAfter: "2026-01-01" is not a date and time with an offset; write it like "2025-11-17T17:10:30Z"',
  ],
  [
    { createdBefore: [''] },
    'BAD_USER_INPUT: createdBefore: "" is not a date and time with an offset; write it like "2025-11-17T17:10:30Z"',
  ],
  [
    { createdBefore: ['9999-12-31T23:59:59Z'] },
    'BAD_USER_INPUT: createdBefore: "9999-12-31T23:59:59Z" is not between the years 1685 and 2254',
  ],
  [
    { createdAfter: ['0001-01-01T00:00:00Z'] },
    'BAD_USER_INPUT: createdAfter: "0001-01-01T00:00:00Z" is not between the years 1685 and 2254',
  ],
  [
    { createdBefore: [DAY, DAY] },
    'BAD_USER_INPUT: createdBefore was given several times; give it once',
  ],
  [{ userAgent: ['a', 'a'] }, 'BAD_USER_INPUT: userAgent was given several times; give it once'],
  [
    { ipAddresses: ['::1,'] },
    'BAD_USER_INPUT: ipAddresses has an empty value; give a value, without extra commas',
  ],
  [
    { notUserAgents: Array(11).fill('a') },
    'LIMIT_EXCEEDED: not.userAgents has 11 items, more than 10; split them over several queries',
  ],
  [
    { userAgents: Array.from({ length: 11 }, String) },
    'LIMIT_EXCEEDED: userAgents has 11 items, more than 10; split them over several queries',
  ],
  [
    { notIpAddresses: Array(101).fill('::1') },
    'LIMIT_EXCEEDED: not.ipAddresses has 101 items, more than 100; split them over several queries',
  ],
  [
    { createdAfter: ['2026-01-01T00:00:00.000001Z'], createdBefore: [DAY] },
    'BAD_USER_INPUT: createdAfter is later than createdBefore, so no event can match; exchange them',
  ],
  [{ actions: [] }, 'no error'],
  [
    { actions: [''] },
    'BAD_USER_INPUT: actions has an empty value; give a value, without extra commas',
  ],
  [
    { principalIds: ['a, ,b'] },
    'BAD_USER_INPUT: principalIds has an empty value; give a value, without extra commas',
  ],
  [
    { resourceIds: ['a,'] },
    'BAD_USER_INPUT: resourceIds has an empty value; give a value, without extra commas',
  ],
  [
    { actions: ['created,removed'] },
    'BAD_USER_INPUT: actions: "removed" is not one of CREATED, UPDATED, DELETED, UNKNOWN',
  ],
  [
    { categories: ['api-key'] },
    'BAD_USER_INPUT: categories: "api-key" is not one of API_KEY, USER, APPLICATION, GROUP, POLICY, UNKNOWN',
  ],
  [{ principalIds: [new Array(100).fill('a').join()] }, 'no error'],
  [
    { principalIds: [new Array(101).fill('a').join()] },
    'LIMIT_EXCEEDED: principalIds has 101 items, more than 100; split them over several queries',
  ],
  [
    { resourceIds: [new Array(101).fill('a').join()] },
    'LIMIT_EXCEEDED: resourceIds has 101 items, more than 100; split them over several queries',
  ],
  [
    { actions: new Array(101).fill('created') },
    'LIMIT_EXCEEDED: actions has 101 items, more than 100; split them over several queries',
  ],
  [
    { categories: new Array(101).fill('user') },
    'LIMIT_EXCEEDED: categories has 101 items, more than 100; split them over several queries',
  ],
  [{ userAgent: ['a'.repeat(256)] }, 'no error'],
  [
    { userAgent: ['a'.repeat(257)] },
    'LIMIT_EXCEEDED: userAgent has 257 characters, more than 256; search for a part of it',
  ],
  [
    { userAgent: ['a\0'] },
    'BAD_USER_INPUT: userAgent: "a\\u0000" contains NUL or half of a surrogate pair; remove it',
  ],
  [
    { userAgent: ['\ud800'] },
    'BAD_USER_INPUT: userAgent: "\\ud800" contains NUL or half of a surrogate pair; remove it',
  ],
])('parsing %j gives: %s', (texts, refusal) => {
  expect(refusalOf(texts)).toBe(refusal)
})

describe('in the list, the feed, the counts and the exports', () => {
  const EXAMPLES: Readonly<Record<FilterName, string>> = {
    createdAfter: '2026-01-03T00:00:00Z',
    createdBefore: '2026-01-03T00:00:00Z',
    actions: 'CREATED',
    categories: 'GROUP,POLICY',
    principalIds: uuid(1),
    resourceIds: `${uuid(2)},${uuid(3)}`,
    ipAddresses: '192.0.2.0/31',
    userAgent: 'CURL',
    userAgents: 'curl/1',
    notActions: 'CREATED',
    notCategories: 'GROUP',
    notPrincipalIds: uuid(1),
    notIpAddresses: '192.0.2.0/31',
    notUserAgents: 'curl/1',
  }
  const EVENTS = Array.from({ length: 40 }, (_, number) =>
    event({
      createdAt: at('2026-01-01T00:00:00Z') + number * 7_200_000_000,
      action: ['created', 'deleted'][number % 2] ?? '',
      category: ['group', 'policy', 'user'][number % 3] ?? '',
      resourceId: uuid(number % 5),
      principalId: uuid(number % 4),
      ipAddress: `192.0.2.${number % 7}`,
      userAgent: number % 2 === 0 ? `curl/${number % 3}` : 'terraform/1',
    }),
  )
  let app: TestApp
  let token: string
  beforeAll(async () => {
    app = await openApp()
    await app.store.append(EVENTS)
    token = await app.token()
  })
  afterAll(() => app.store.close())

  /** The condition as an `EventFilter` of the graph. */
  function inGraph(name: FilterName, text: string): object {
    const own = name.replace(/^not([A-Z])/, (_, letter: string) => letter.toLowerCase())
    const input = schema.getType(own === name ? 'EventFilter' : 'EventExclusion')
    const { type } = (input as GraphQLInputObjectType).getFields()[own] ?? {}
    const value = isListType(getNullableType(type)) ? text.split(',') : text
    return own === name ? { [own]: value } : { not: { [own]: value } }
  }

  /** The sorted IDs of the events in a file, without its trailer. */
  async function idsAt(path: string): Promise<string[]> {
    const response = await app.fetch(path, { headers: { 'x-auth-token': token } })
    const lines = (await response.text()).trimEnd().split('\n')
    const rows = lines.map(line => JSON.parse(line) as { id?: string; created_at?: string })
    return rows.flatMap(({ id, created_at }) => (created_at === undefined ? [] : [id ?? ''])).sort()
  }

  test.each(FILTER_NAMES)('%s finds the same events, and not all of them', async name => {
    const { data } = await app.ask(
      `query ($id: ID!, $filter: EventFilter) { organization(id: $id) {
        events(filter: $filter, first: 100) { totalCount nodes { eventId } }
        eventFeed(filter: $filter, first: 100) { nodes { eventId } }
        eventCounts(filter: $filter) { byAction { count } } } }`,
      { id: ORGANIZATION, filter: inGraph(name, EXAMPLES[name]) },
    )
    const { events, eventFeed, eventCounts } = data.organization
    const idsOf = (nodes: { eventId: string }[]) => nodes.map(({ eventId }) => eventId).sort()
    const found = idsOf(events.nodes)
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBeLessThan(EVENTS.length)
    expect(events.totalCount).toBe(found.length)
    expect(idsOf(eventFeed.nodes)).toEqual(found)
    const counts = eventCounts.byAction.map(({ count }: { count: number }) => count)
    expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(found.length)
    const parameter = `${name}=${encodeURIComponent(EXAMPLES[name])}`
    expect(await idsAt(`/export/${ORGANIZATION}.ndjson?${parameter}`)).toEqual(found)
    expect(await idsAt(`/feed/${ORGANIZATION}.ndjson?${parameter}`)).toEqual(found)
  })
})
