// Events in the graph: fields, pages, filters, errors, look-ups by `id`, and the SQL statements needed to read them.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePositions, type Event } from '../src/event.ts'
import { formatInstant } from '../src/instant.ts'
import { postgresTables } from '../src/storage/postgres/postgres-tables.ts'
import { tablesByOrganization } from '../src/storage/tables.ts'
import { openApp, type TestApp } from './support/app.ts'
import { arbitraryEvent, at, event, idIn, ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { application, user } from './support/people.ts'

const PAGE = `query ($filter: EventFilter, $orderBy: EventOrder! = CREATED_AT_DESC,
    $first: Int, $after: String, $last: Int, $before: String) {
  organization(id: "${ORGANIZATION}") {
    events(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { id: eventId }
      edges { cursor node { id: eventId createdAt } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`

async function page(app: TestApp, variables: object = {}) {
  const { data, errors } = await app.ask(PAGE, variables)
  expect(errors).toBeUndefined()
  return data.organization.events
}

async function ids(app: TestApp, filter: object): Promise<string[]> {
  return (await page(app, { filter })).nodes.map(({ id }: Event) => id)
}

async function errorOf(app: TestApp, variables: object) {
  const { errors } = await app.ask(PAGE, variables)
  return `${errors?.[0].extensions.code}: ${errors?.[0].message}`
}

test('an event has every field, and UNKNOWN for an action and a category that the graph does not have', async () => {
  const app = await openApp({ clock: () => at('2026-03-01T00:00:00.123Z') })
  await app.store.append([
    event({
      id: uuid(1, 'e1000000'),
      createdAt: at('2025-11-17T17:10:30.448542Z'),
      action: 'archived',
      category: 'saml',
      resourceId: 'anything',
      principalId: uuid(3),
      ipAddress: '2001:db8::7',
    }),
  ])
  const { data } = await app.ask(`{ event(id: "${uuid(1, 'E1000000')}") {
    id eventId createdAt recordedAt action category rawAction rawCategory ipAddress userAgent
    principal { __typename id principalId name } resource { resourceId category name } organization { id name }
  } }`)
  expect(data.event).toEqual({
    id: idIn('event', uuid(1, 'e1000000')),
    eventId: uuid(1, 'e1000000'),
    createdAt: '2025-11-17T17:10:30.448542Z',
    recordedAt: '2026-03-01T00:00:00.123000Z',
    action: 'UNKNOWN',
    category: 'UNKNOWN',
    rawAction: 'archived',
    rawCategory: 'saml',
    ipAddress: '2001:db8::7',
    userAgent: 'curl/8.0',
    principal: {
      __typename: 'UnknownPrincipal',
      id: idIn('principal', uuid(3)),
      principalId: uuid(3),
      name: 'Unknown',
    },
    resource: { resourceId: 'anything', category: 'UNKNOWN', name: null },
    organization: { id: ORGANIZATION, name: null },
  })
})

test('pages in both directions and both orders contain each event once, with the pageInfo that Relay specifies', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(arbitraryEvent, { selector: event => event.id, minLength: 1, maxLength: 25 }),
      fc.constantFrom('CREATED_AT_ASC', 'CREATED_AT_DESC'),
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      async (history, orderBy, size, backward) => {
        const app = await openApp()
        await app.store.append(history)
        const all = [...history].sort(comparePositions)
        if (orderBy === 'CREATED_AT_DESC') all.reverse()
        const expected = all.map(event => event.id)
        const seen: string[] = []
        let cursor: string | null = null
        for (let more = true; more; ) {
          const variables: object = backward
            ? { orderBy, last: size, before: cursor }
            : { orderBy, first: size, after: cursor }
          const { edges, nodes, pageInfo, totalCount } = await page(app, variables)
          const found = edges.map((edge: { node: Event }) => edge.node.id)
          expect(nodes.map(({ id }: Event) => id)).toEqual(found)
          expect(totalCount).toBe(expected.length)
          expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null)
          expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null)
          if (backward) seen.unshift(...found)
          else seen.push(...found)
          const rest = expected.length - seen.length
          expect(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage).toBe(rest > 0)
          expect(backward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage).toBe(cursor !== null)
          more = rest > 0
          cursor = backward ? pageInfo.startCursor : pageInfo.endCursor
        }
        expect(seen).toEqual(expected)
      },
    ),
    { numRuns: LONG ? 1000 : 60 },
  )
})

test('each condition of a filter selects the right events, alone and with all others', async () => {
  const app = await openApp()
  const wanted = event({
    action: 'deleted',
    category: 'api_key',
    resourceId: 'SCWAAAAAAAAAAAAAAAAA',
    principalId: uuid(7),
    ipAddress: '203.0.113.9',
    userAgent: 'Terraform/1.9 100%_sure',
  })
  const others = [
    event({ ipAddress: null, userAgent: null }),
    event({ ipAddress: '2001:db8::1', userAgent: 'Mozilla/5.0' }),
  ]
  await app.store.append([wanted, ...others])
  const conditions = {
    createdAfter: formatInstant(wanted.createdAt),
    createdBefore: formatInstant(wanted.createdAt + 1),
    actions: ['DELETED', 'UNKNOWN'],
    categories: ['API_KEY'],
    principalIds: [uuid(7).toUpperCase()],
    resourceIds: ['SCWAAAAAAAAAAAAAAAAA', 'other'],
    ipAddresses: ['10.0.0.1', '203.0.113.0/28'],
    userAgent: 'terraform/1.9 100%_',
  }
  expect(await ids(app, conditions)).toEqual([wanted.id])
  for (const [name, value] of Object.entries(conditions)) {
    if (name !== 'createdAfter' && name !== 'createdBefore') {
      expect(await ids(app, { [name]: value }), name).toEqual([wanted.id])
    }
  }
  expect(await ids(app, { createdAfter: conditions.createdBefore })).toHaveLength(2)
  expect(await ids(app, { createdBefore: conditions.createdAfter })).toEqual([])
  expect(await ids(app, { ipAddresses: ['2001:db8::/32'] })).toHaveLength(1)
  expect(await ids(app, { ipAddresses: ['::ffff:203.0.113.9'] })).toEqual([wanted.id])
  expect(await ids(app, { ipAddresses: ['203.0.113.9/0'] })).toEqual([wanted.id])
  expect(await ids(app, { userAgent: '%' })).toEqual([wanted.id])
  expect(await ids(app, { actions: [] })).toEqual([])
  expect(await ids(app, { principalIds: [] })).toEqual([])
  expect(await ids(app, { actions: null, userAgent: null })).toHaveLength(3)
})

test('the filter `not` excludes events with any of its values, and never an event that has no value', async () => {
  const app = await openApp()
  const [bare, browser, wanted] = [
    event({ ipAddress: null, userAgent: null, principalId: uuid(7), action: 'deleted' }),
    event({ ipAddress: '2001:db8::1', userAgent: 'Mozilla/5.0, or so', category: 'user' }),
    event({ ipAddress: '203.0.113.9', userAgent: 'Terraform/1.9', principalId: uuid(8) }),
  ]
  await app.store.append([bare, browser, wanted])
  const all = [wanted, browser, bare].map(({ id }) => id)
  for (const [not, expected] of [
    [{ actions: ['DELETED', 'UNKNOWN'] }, [wanted, browser]],
    [{ categories: ['USER'] }, [wanted, bare]],
    [{ principalIds: [uuid(7).toUpperCase(), 'other'] }, [wanted, browser]],
    [{ ipAddresses: ['203.0.113.0/28', '2001:db8::/32'] }, [bare]],
    [{ ipAddresses: ['0.0.0.0/0'] }, [browser, bare]],
    [{ userAgents: ['terraform', '5.0, OR'] }, [bare]],
    [{ userAgents: ['%'] }, [wanted, browser, bare]],
    [{ actions: ['DELETED'], userAgents: ['mozilla'] }, [wanted]],
  ] as const) {
    const filter = { not }
    expect(await ids(app, filter), JSON.stringify(not)).toEqual(expected.map(({ id }) => id))
  }
  expect(await ids(app, { not: null })).toEqual(all)
  expect(await ids(app, { not: { actions: [], ipAddresses: null, userAgents: [] } })).toEqual(all)
  expect(await ids(app, { actions: ['DELETED'], not: { actions: ['DELETED'] } })).toEqual([])
})

test('invalid arguments and filters are refused with a code and a message that names the value', async () => {
  const app = await openApp()
  await app.store.append([event()])
  for (const [variables, expected] of [
    [{ first: 1, last: 1 }, /BAD_USER_INPUT: first and last/],
    [{ after: 'nonsense' }, /BAD_USER_INPUT: after: "nonsense" is not a cursor/],
    [{ before: '' }, /BAD_USER_INPUT: before: "" is not a cursor/],
    [
      { filter: { ipAddresses: ['203.0.113'] } },
      /BAD_USER_INPUT: ipAddresses: "203.0.113" is neither/,
    ],
    [{ filter: { ipAddresses: ['203.0.113.0/33'] } }, /BAD_USER_INPUT: ipAddresses/],
    [{ filter: { ipAddresses: ['010.0.0.1'] } }, /BAD_USER_INPUT: ipAddresses/],
    [{ filter: { createdAfter: '2026-01-01' } }, /BAD_USER_INPUT.*"2026-01-01" is not a date/],
    [{ filter: { createdAfter: '2026-02-30T00:00:00Z' } }, /BAD_USER_INPUT.*is not a date/],
    [
      { filter: { createdAfter: '2026-01-02T00:00:00Z', createdBefore: '2026-01-01T00:00:00Z' } },
      /BAD_USER_INPUT: createdAfter is later/,
    ],

    [{ filter: { userAgent: 'a\0b' } }, /BAD_USER_INPUT: userAgent/],
    [{ filter: { actions: ['EXPLODED'] } }, /BAD_USER_INPUT/],
    [{ filter: { colour: 'red' } }, /BAD_USER_INPUT/],
  ] as const) {
    expect(await errorOf(app, variables)).toMatch(expected)
  }
})

test('a page of 100 events with principals, resources and Organization needs at most four SQL statements, totalCount one more', async () => {
  const statements: string[] = []
  const app = await openApp({ onStatement: text => statements.push(text) })
  const people = Array.from({ length: 60 }, (_, number) => uuid(number, 'b0000000'))
  await app.store.append(
    Array.from({ length: 150 }, (_, number) =>
      event({
        principalId: people[number % 60] ?? '',
        category: number % 2 === 0 ? 'application' : 'user',
        ipAddress: `192.0.2.${number}`,
      }),
    ),
  )
  await app.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: people.slice(0, 30).map(id => user({ id })),
    complete: true,
  })
  await app.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'application',
    entries: people.slice(30, 50).map(id => application({ id })),
    complete: true,
  })
  const query = (fields: string) => `{ organization(id: "${ORGANIZATION}") {
    events(first: 100) { ${fields} pageInfo { hasNextPage endCursor } nodes {
      id createdAt principal { __typename id: principalId name ... on User { email } }
      resource { id: resourceId name } organization { id name } } } } }`
  // Afterwards the numbers of values and the key of the Organization are cached: they never change.
  await app.ask(query(''))
  statements.length = 0
  const { data, errors } = await app.ask(query(''))
  expect(errors).toBeUndefined()
  expect(data.organization.events.nodes).toHaveLength(100)
  // The token, the Organization's name, the events, and the directory for principals and resources.
  expect(statements.length).toBeLessThanOrEqual(4)
  expect(statements.join().match(/count\(/)).toBeNull()

  statements.length = 0
  const counted = await app.ask(query('totalCount'))
  expect(counted.data.organization.events.totalCount).toBe(150)
  expect(statements.length).toBeLessThanOrEqual(5)
})

test('every SQL statement that reads events, principals or resources contains an Organization', async () => {
  const withoutOrganization: string[] = []
  let withOrganization = 0
  const reads = new RegExp(
    `\\b(FROM|JOIN) "?(${tablesByOrganization(postgresTables).join('|')})\\b`,
    'i',
  )
  const app = await openApp({
    onStatement: text => {
      if (!/^\s*SELECT/i.test(text) || !reads.test(text)) return
      if (/organization"? (=|IN)/i.test(text)) withOrganization++
      else withoutOrganization.push(text)
    },
  })
  const first = event({ category: 'user' })
  await app.store.append([first, ...Array.from({ length: 50 }, () => event())])
  for (const filter of [
    {},
    { actions: ['CREATED'] },
    { principalIds: [uuid(1)] },
    { ipAddresses: ['192.0.2.0/24'], userAgent: 'curl' },
    { resourceIds: [first.resourceId], principalIds: [uuid(1)] },
  ]) {
    await page(app, { filter, first: 5 })
  }
  await app.ask(`{ node(id: "${idIn('event', first.id)}") { id } viewer { memberships { organization { id
    principals(search: "a") { totalCount nodes { id: principalId name events { totalCount } } }
    principal(id: "${uuid(1)}") { name } } } } }`)
  expect(withoutOrganization).toEqual([])
  expect(withOrganization).toBeGreaterThan(20)
})

test('`nodes` returns objects by their `id`, in order, and null for any other text', async () => {
  const app = await openApp()
  const some = event()
  await app.store.append([some])
  await app.store.nameOrganization({ id: ORGANIZATION, name: 'Example' })
  await app.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: [user({ id: uuid(50) })],
    complete: true,
  })
  const { data } = await app.ask(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
      ... on User { email events { totalCount } } ... on Organization { name } ... on Event { createdAt } } }`,
    {
      ids: [
        ...[ORGANIZATION, uuid(404), idIn('event', some.id), idIn('principal', uuid(50))],
        ...[idIn('principal', uuid(1)), idIn('event', uuid(50)), idIn('principal', some.id)],
        ...[some.id, uuid(50), idIn('event', some.id, uuid(404)), 'garbage', '__proto__'],
      ],
    },
  )
  expect(data.nodes).toEqual([
    { __typename: 'Organization', id: ORGANIZATION, name: 'Example' },
    null,
    { __typename: 'Event', id: idIn('event', some.id), createdAt: formatInstant(some.createdAt) },
    {
      __typename: 'User',
      id: idIn('principal', uuid(50)),
      email: 'ada@example.com',
      events: { totalCount: 0 },
    },
    ...Array(8).fill(null),
  ])
})
