// Each field of each type returns its own value: the values in this test data differ, so that a field that returns the
// value of another is noticed. The last test notices a field that no other test queries.

import {
  buildClientSchema,
  getIntrospectionQuery,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { BEGINNING } from '../src/coverage.ts'
import { NIL_ID } from '../src/event.ts'
import { formatInstant } from '../src/instant.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, idIn, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { subscribe } from './support/streams.ts'
import { apiKey } from './support/sync-contract.ts'

const [ADA, BOB, PLAIN, ROBOT, BARE] = [1, 2, 3, 4, 5].map(number => uuid(number, 'abcdef00')) as [
  ...[string, string, string, string, string],
]
const [BILLING, BLIND] = [uuid(7, 'c0000000'), uuid(8, 'c0000000')] as [string, string]
const KEY = 'SCWAAAAAAAAAAAAAAAAA'
const [FIRST, SECOND] = [1, 2].map(number => uuid(number, 'e1000000')) as [string, string]

let app: TestApp
let secret: string
let tokenId: string
const queries: string[] = []

async function ask(query: string, variables: object = {}) {
  queries.push(query)
  const { data, errors } = await app.ask(query, variables, secret)
  expect(errors).toBeUndefined()
  return data
}

/** The fields of a user that Scaleway may omit. */
const NOTHING = {
  username: null,
  email: null,
  firstName: null,
  lastName: null,
  type: null,
  mfa: null,
  locked: null,
  createdAt: null,
  updatedAt: null,
  lastLoginAt: null,
} as const

const ADA_KING = user({
  id: ADA,
  name: 'Ada',
  username: 'countess',
  email: 'ada@example.com',
  firstName: 'Augusta',
  lastName: 'King',
  type: 'owner',
  mfa: true,
  locked: false,
  createdAt: at('2025-01-01T00:00:00.000001Z'),
  updatedAt: at('2025-02-02T00:00:00.000002Z'),
  lastLoginAt: at('2025-03-03T00:00:00.000003Z'),
})
const IRON = application({
  id: ROBOT,
  name: 'robot',
  description: 'of iron',
  managed: false,
  createdAt: at('2025-04-04T00:00:00.000004Z'),
  updatedAt: at('2025-05-05T00:00:00.000005Z'),
})
const UNSAID = { description: null, managed: true, createdAt: null, updatedAt: null }
const LAPTOP = apiKey({ id: KEY, name: KEY, bearer: { kind: 'user', id: ADA } })
const RENAMED = { updatedAt: at('2026-02-20T00:00:00Z') }

beforeAll(async () => {
  let time = at('2025-12-01T00:00:00Z')
  app = await openApp({ clock: () => time })
  for (const entry of [
    ADA_KING,
    user({ id: BOB, name: 'Bob', mfa: false, locked: true }),
    user({ ...NOTHING, id: PLAIN, name: 'Plain' }),
    user({ ...NOTHING, ...RENAMED, id: PLAIN, name: 'Renamed' }),
    IRON,
    application({ ...UNSAID, id: BARE, name: 'bare' }),
    application({ ...UNSAID, ...RENAMED, id: BARE, name: 'renamed' }),
    { ...LAPTOP, description: 'laptop' },
    { ...LAPTOP, ...RENAMED, description: 'old laptop' },
  ]) {
    const { organizationId, kind } = entry
    await app.store.updateDirectory({ organizationId, kind, entries: [entry], complete: false })
  }
  time = at('2026-03-02T03:04:05.678Z')
  const done = (id: string, createdAt: string, others: object) =>
    event({ id, createdAt: at(createdAt), principalId: ROBOT, ...others })
  await app.store.append([
    done(FIRST, '2026-02-10T10:00:00.000006Z', {
      ...{ action: 'updated', category: 'api_key', resourceId: KEY, principalId: BARE },
      ...{ ipAddress: '192.0.2.7', userAgent: 'terraform/1.9' },
    }),
  ])
  time += 1_000_000
  await app.store.append([
    done(SECOND, '2026-02-11T11:00:00Z', {
      ...{ action: 'merged', category: 'saml', resourceId: 'the one', principalId: NIL_ID },
      ...{ ipAddress: null, userAgent: null },
    }),
    done(uuid(3, 'e1000000'), '2026-02-12T12:00:00.000007Z', {
      category: 'user',
      resourceId: PLAIN,
    }),
  ])
  const read = (from: number, until: string, readAt: string) => {
    const organizationId = ORGANIZATION
    return { organizationId, from, until: at(until), readAt: at(readAt), events: 0 }
  }
  await app.store.appendRead(
    [],
    [
      read(BEGINNING, '2026-02-01T00:00:00Z', '2026-02-01T01:00:00Z'),
      read(at('2026-02-10T00:00:00Z'), '2026-03-01T00:00:00Z', '2026-03-02T01:00:00Z'),
    ],
  )
  await app.store.nameOrganization({ id: ORGANIZATION, name: 'Analytical Engines' })
  await app.store.nameOrganization({ id: OTHER_ORGANIZATION, name: 'Difference Engines' })
  await app.store.nameOrganization({ id: BLIND, name: 'Hidden Engines' })
  const standing = (organizationId: string, owner: boolean, ...permissionSets: string[]) => {
    return { organizationId, owner, permissionSets }
  }
  const made = newToken(
    {
      name: 'a console',
      grants: [
        standing(ORGANIZATION, true),
        standing(OTHER_ORGANIZATION, false, 'AuditTrailReadOnly', 'IAMUserReadOnly'),
        standing(BILLING, false, 'IAMApplicationReadOnly'),
        standing(BLIND, false),
      ],
      expiresAt: null,
    },
    0,
  )
  await app.store.tokens.create(made.token, made.hash)
  secret = made.secret
  tokenId = made.token.id
})
afterAll(() => app.store.close())

test('a User has the value of each field, and null where Scaleway gives none', async () => {
  const { organization } = await ask(`{ organization(id: "${ORGANIZATION}") { principals { nodes {
    __typename id: principalId name ... on User { username email firstName lastName type mfa locked createdAt updatedAt lastLoginAt
      nameAt(time: "2026-01-01T00:00:00Z") now: nameAt(time: "2026-03-01T00:00:00Z") } } } } }`)
  const users = organization.principals.nodes.filter(
    ({ __typename }: { __typename: string }) => __typename === 'User',
  )
  expect(users).toEqual([
    {
      ...{ __typename: 'User', id: ADA, name: 'Ada', username: 'countess' },
      ...{ email: 'ada@example.com', firstName: 'Augusta', lastName: 'King', type: 'owner' },
      ...{ mfa: true, locked: false, nameAt: 'Ada', now: 'Ada' },
      createdAt: '2025-01-01T00:00:00.000001Z',
      updatedAt: '2025-02-02T00:00:00.000002Z',
      lastLoginAt: '2025-03-03T00:00:00.000003Z',
    },
    expect.objectContaining({ id: BOB, mfa: false, locked: true }),
    {
      ...{ __typename: 'User', id: PLAIN, name: 'Renamed', username: null, email: null },
      ...{ firstName: null, lastName: null, type: null, mfa: null, locked: null },
      ...{ createdAt: null, updatedAt: '2026-02-20T00:00:00.000000Z', lastLoginAt: null },
      ...{ nameAt: 'Plain', now: 'Renamed' },
    },
  ])
})

test('an Application has the value of each field, and null where Scaleway gives none', async () => {
  const { organization } = await ask(`{ organization(id: "${ORGANIZATION}") {
    robot: principal(id: "${ROBOT}") { ...of } bare: principal(id: "${BARE}") { ...of } } }
    fragment of on Principal { __typename id: principalId name ... on Application { description managed createdAt updatedAt
      nameAt(time: "2026-01-01T00:00:00Z") now: nameAt(time: "2026-03-01T00:00:00Z") } }`)
  expect(organization).toEqual({
    robot: {
      ...{ __typename: 'Application', id: ROBOT, name: 'robot', description: 'of iron' },
      ...{ managed: false, nameAt: 'robot', now: 'robot' },
      createdAt: '2025-04-04T00:00:00.000004Z',
      updatedAt: '2025-05-05T00:00:00.000005Z',
    },
    bare: {
      ...{ __typename: 'Application', id: BARE, name: 'renamed', description: null },
      ...{ managed: true, createdAt: null, updatedAt: '2026-02-20T00:00:00.000000Z' },
      ...{ nameAt: 'bare', now: 'renamed' },
    },
  })
})

test('an Event and its Resource have the value of each field', async () => {
  const { first, second, node, nodes, organization, same } =
    await ask(`{ first: event(id: "${FIRST}") { ...all } second: event(id: "${SECOND}") { ...all }
    node(id: "${idIn('event', FIRST)}") { id } nodes(ids: ["${idIn('event', SECOND)}"]) { id }
    organization(id: "${ORGANIZATION}") { event(id: "${SECOND}") { eventId } none: event(id: "${ADA}") { id } }
    same: event(id: "${idIn('event', FIRST)}") { eventId } }
    fragment all on Event { id eventId action category createdAt recordedAt rawAction rawCategory ipAddress userAgent
      principalNameThen resourceNameThen organization { id name } principal { __typename id principalId name }
      resource { resourceId category name bearer { __typename principalId name } principal { id } nameAt(time: "2026-01-01T00:00:00Z")
        now: nameAt(time: "2026-02-20T00:00:00Z") } }`)
  expect(first).toEqual({
    ...{ id: idIn('event', FIRST), eventId: FIRST, action: 'UPDATED', category: 'API_KEY' },
    ...{ rawAction: 'updated', rawCategory: 'api_key' },
    createdAt: '2026-02-10T10:00:00.000006Z',
    recordedAt: '2026-03-02T03:04:05.678000Z',
    ...{ ipAddress: '192.0.2.7', userAgent: 'terraform/1.9' },
    ...{ principalNameThen: 'bare', resourceNameThen: 'laptop' },
    organization: { id: ORGANIZATION, name: 'Analytical Engines' },
    principal: {
      ...{ __typename: 'Application', id: idIn('principal', BARE), principalId: BARE },
      name: 'renamed',
    },
    resource: {
      ...{ resourceId: KEY, category: 'API_KEY', name: 'old laptop', principal: null },
      bearer: { __typename: 'User', principalId: ADA, name: 'Ada' },
      ...{ nameAt: 'laptop', now: 'old laptop' },
    },
  })
  expect(second).toEqual({
    ...{ id: idIn('event', SECOND), eventId: SECOND, action: 'UNKNOWN', category: 'UNKNOWN' },
    ...{ rawAction: 'merged', rawCategory: 'saml' },
    createdAt: '2026-02-11T11:00:00.000000Z',
    recordedAt: '2026-03-02T03:04:06.678000Z',
    ...{ ipAddress: null, userAgent: null },
    ...{ principalNameThen: 'Scaleway', resourceNameThen: null },
    organization: { id: ORGANIZATION, name: 'Analytical Engines' },
    principal: {
      ...{ __typename: 'ScalewayPrincipal', id: idIn('principal', NIL_ID), principalId: NIL_ID },
      name: 'Scaleway',
    },
    resource: {
      ...{ resourceId: 'the one', category: 'UNKNOWN', name: null, principal: null, bearer: null },
      ...{ nameAt: null, now: null },
    },
  })
  expect([node, nodes]).toEqual([{ id: idIn('event', FIRST) }, [{ id: idIn('event', SECOND) }]])
  expect(organization).toEqual({ event: { eventId: SECOND }, none: null })
  expect(same).toEqual({ eventId: FIRST })
})

test('an Organization, its coverage and its feed have the value of each field', async () => {
  const { organizations, organization } = await ask(`{ organizations { id name coverage {
      earliest latest lastSyncedAt completeUntil stale gaps { from until } } }
    organization(id: "${ORGANIZATION}") { eventFeed(first: 2) { cursor hasMore nodes { id: eventId } }
      end: eventFeed(after: "${SECOND}") { cursor hasMore nodes { id: eventId } } } }`)
  const nothing = { earliest: null, latest: null, lastSyncedAt: null, completeUntil: null }
  expect(organizations).toEqual([
    {
      ...{ id: ORGANIZATION, name: 'Analytical Engines' },
      coverage: {
        earliest: '2026-02-10T10:00:00.000006Z',
        latest: '2026-02-12T12:00:00.000007Z',
        lastSyncedAt: '2026-03-02T01:00:00.000000Z',
        completeUntil: '2026-02-01T00:00:00.000000Z',
        stale: true,
        gaps: [{ from: '2026-02-01T00:00:00.000000Z', until: '2026-02-10T00:00:00.000000Z' }],
      },
    },
    {
      ...{ id: OTHER_ORGANIZATION, name: 'Difference Engines' },
      coverage: { ...nothing, stale: null, gaps: [] },
    },
  ])
  const third = uuid(3, 'e1000000')
  expect(organization).toEqual({
    eventFeed: { cursor: SECOND, hasMore: true, nodes: [{ id: FIRST }, { id: SECOND }] },
    end: { cursor: third, hasMore: false, nodes: [{ id: third }] },
  })
})

test('the counts of events have the value of each field', async () => {
  const { organization } = await ask(
    `query ($filter: EventFilter) { organization(id: "${ORGANIZATION}") { eventCounts(filter: $filter) { total isExact countedSince
      byAction { action count } byCategory { category count }
      byPrincipal(first: 2) { count principal { id: principalId } } byTime(interval: DAY) { start end count }
      byIpAddress { countedSince nodes { ipAddress count latest } }
      byUserAgent { countedSince nodes { userAgent count latest } } } } }`,
    { filter: { createdAfter: '2026-02-11T00:00:00Z', createdBefore: '2026-02-13T00:00:00Z' } },
  )
  const latest = '2026-02-12T12:00:00.000007Z'
  const before = '2026-02-11T11:00:00.000000Z'
  expect(organization.eventCounts).toEqual({
    ...{ total: 2, isExact: true, countedSince: null },
    byAction: [
      { action: 'CREATED', count: 1 },
      { action: 'UNKNOWN', count: 1 },
    ],
    byCategory: [
      { category: 'USER', count: 1 },
      { category: 'UNKNOWN', count: 1 },
    ],
    byPrincipal: [
      { count: 1, principal: { id: NIL_ID } },
      { count: 1, principal: { id: ROBOT } },
    ],
    byTime: [11, 12].map(day => ({
      start: `2026-02-${day}T00:00:00.000000Z`,
      end: `2026-02-${day + 1}T00:00:00.000000Z`,
      count: 1,
    })),
    byIpAddress: {
      countedSince: null,
      nodes: [
        { ipAddress: '192.0.2.1', count: 1, latest },
        { ipAddress: null, count: 1, latest: before },
      ],
    },
    byUserAgent: {
      countedSince: null,
      nodes: [
        { userAgent: 'curl/8.0', count: 1, latest },
        { userAgent: null, count: 1, latest: before },
      ],
    },
  })
})

test('the viewer and each of its memberships have the value of each field', async () => {
  const { viewer } =
    await ask(`{ viewer { id name memberships { organization { id name } owner permissionSets
    seesEvents seesUsers seesApplications } } }`)
  const standing = (owner: boolean, events: boolean, users: boolean, applications: boolean) => ({
    ...{ owner, seesEvents: events, seesUsers: users, seesApplications: applications },
  })
  expect(viewer).toEqual({
    ...{ id: tokenId, name: 'a console' },
    memberships: [
      {
        organization: { id: ORGANIZATION, name: 'Analytical Engines' },
        ...{ ...standing(true, true, true, true), permissionSets: [] },
      },
      {
        organization: { id: OTHER_ORGANIZATION, name: 'Difference Engines' },
        ...standing(false, true, true, false),
        permissionSets: ['AuditTrailReadOnly', 'IAMUserReadOnly'],
      },
      {
        organization: { id: BILLING, name: null },
        ...{ ...standing(false, false, false, true), permissionSets: ['IAMApplicationReadOnly'] },
      },
      {
        organization: { id: BLIND, name: null },
        ...{ ...standing(false, false, false, false), permissionSets: [] },
      },
    ],
  })
})

test('API keys, and the counts by action within an interval, have the value of each field', async () => {
  const { organization } = await ask(`{ organization(id: "${ORGANIZATION}") {
    user: principal(id: "${ADA}") { ... on User { apiKeys(first: 1) { accessKey description createdAt updatedAt expiresAt } } }
    application: principal(id: "${ROBOT}") { ... on Application { apiKeys { accessKey } } }
    eventCounts { byTime(interval: MONTH) { byAction { action count } } } } }`)
  const shown = (instant: number | null) => instant && formatInstant(instant)
  expect(organization).toEqual({
    user: {
      apiKeys: [
        {
          ...{ accessKey: KEY, description: 'old laptop', createdAt: shown(LAPTOP.createdAt) },
          ...{ updatedAt: shown(RENAMED.updatedAt), expiresAt: shown(LAPTOP.expiresAt) },
        },
      ],
    },
    application: { apiKeys: [] },
    eventCounts: {
      byTime: [
        {
          byAction: [
            { action: 'CREATED', count: 1 },
            { action: 'UPDATED', count: 1 },
            { action: 'UNKNOWN', count: 1 },
          ],
        },
      ],
    },
  })
})

test('the resources, IP addresses and user agents found by a search have the value of each field', async () => {
  const { organization } = await ask(`{ organization(id: "${ORGANIZATION}") {
    resources(search: "a", first: 1) { resourceId category name principal { name } bearer { name } }
    ipAddresses(search: "", first: 1) { ipAddress count latest }
    userAgents(search: "CURL", first: 1) { userAgent count latest } } }`)
  const latest = '2026-02-12T12:00:00.000007Z'
  expect(organization).toEqual({
    resources: [
      { resourceId: ADA, category: 'USER', name: 'Ada', principal: { name: 'Ada' }, bearer: null },
    ],
    ipAddresses: [{ ipAddress: '192.0.2.1', count: 1, latest }],
    userAgents: [{ userAgent: 'curl/8.0', count: 1, latest }],
  })
})

test('a saved view has the value of each field when it is saved, changed, listed and deleted', async () => {
  const fields = 'id name pageQuery shared mine deletable author createdAt updatedAt'
  const { saveView } = await ask(
    `mutation { saveView(organizationId: "${ORGANIZATION}", name: "Last", pageQuery: "last=7d") { ${fields} } }`,
  )
  expect(saveView).toEqual({
    ...{ id: expect.stringContaining(`view:${ORGANIZATION}:`), name: 'Last', pageQuery: 'last=7d' },
    ...{ shared: false, mine: true, deletable: true, author: 'a console' },
    ...{ createdAt: expect.any(String), updatedAt: saveView.createdAt },
  })
  const { id } = saveView
  const { changeView } = await ask(
    `mutation { changeView(id: "${id}", name: "First") { ${fields} } }`,
  )
  const { updatedAt } = changeView
  expect(changeView).toEqual({ ...saveView, name: 'First', updatedAt })
  expect(updatedAt >= saveView.createdAt).toBe(true)
  const list = `{ organization(id: "${ORGANIZATION}") { savedViews { ${fields} } } }`
  expect(await ask(list)).toEqual({ organization: { savedViews: [changeView] } })
  const { deleteView } = await ask(`mutation { deleteView(id: "${id}") { ${fields} } }`)
  expect(deleteView).toEqual(changeView)
  expect(await ask(list)).toEqual({ organization: { savedViews: [] } })
})

test('the entities of the federated graph have the value of each field', async () => {
  const representations = [
    { __typename: 'Event', eventId: FIRST },
    { __typename: 'Organization', id: ORGANIZATION },
    { __typename: 'User', principalId: ADA },
    { __typename: 'Application', id: idIn('principal', ROBOT) },
    { __typename: 'ScalewayPrincipal', principalId: NIL_ID },
  ]
  const { _entities, _service } = await ask(
    `query ($representations: [_Any!]!) { _service { sdl } _entities(representations: $representations) { __typename
      ... on Event { eventId rawAction } ... on Organization { id called: name } ... on User { principalId name }
      ... on Application { id principalId name } ... on ScalewayPrincipal { id principalId name events { totalCount } }
      ... on UnknownPrincipal { id principalId name events { totalCount } } } }`,
    { representations },
  )
  expect(_entities).toEqual([
    { __typename: 'Event', eventId: FIRST, rawAction: 'updated' },
    { __typename: 'Organization', id: ORGANIZATION, called: 'Analytical Engines' },
    { __typename: 'User', principalId: ADA, name: 'Ada' },
    {
      ...{ __typename: 'Application', id: idIn('principal', ROBOT), principalId: ROBOT },
      name: 'robot',
    },
    {
      ...{ __typename: 'ScalewayPrincipal', id: idIn('principal', NIL_ID), principalId: NIL_ID },
      ...{ name: 'Scaleway', events: { totalCount: 1 } },
    },
  ])
  expect(_service.sdl).toMatch(/^extend schema @link/)
})

test('a connection has its total count, nodes, edges, cursors and page info', async () => {
  const { organization } = await ask(`{ organization(id: "${ORGANIZATION}") {
    events(first: 1, orderBy: CREATED_AT_ASC) { ...on_events } last: events(last: 2, orderBy: CREATED_AT_ASC) { ...on_events }
    principals(first: 1) { ...on_principals } } }
    fragment on_events on EventConnection { totalCount nodes { id: eventId } edges { cursor node { id: eventId } } pageInfo { ...where } }
    fragment on_principals on PrincipalConnection { totalCount nodes { id: principalId events { totalCount } }
      edges { cursor node { id: principalId name } } pageInfo { ...where } }
    fragment where on PageInfo { hasNextPage hasPreviousPage startCursor endCursor }`)
  const { events, last, principals } = organization
  const [one, two, three] = [events.edges[0], ...last.edges].map(({ cursor }) => cursor)
  expect(new Set([one, two, three]).size).toBe(3)
  const item = (id: string, cursor: string) => ({ cursor, node: { id } })
  const where = (before: boolean, behind: boolean, startCursor: string, endCursor: string) => ({
    ...{ hasPreviousPage: before, hasNextPage: behind, startCursor, endCursor },
  })
  const third = uuid(3, 'e1000000')
  expect(events).toEqual({
    ...{ totalCount: 3, nodes: [{ id: FIRST }], edges: [item(FIRST, one)] },
    pageInfo: where(false, true, one, one),
  })
  expect(last).toEqual({
    ...{ totalCount: 3, nodes: [{ id: SECOND }, { id: third }] },
    edges: [item(SECOND, two), item(third, three)],
    pageInfo: where(true, false, two, three),
  })
  const { cursor } = principals.edges[0]
  expect(principals).toEqual({
    ...{ totalCount: 6, nodes: [{ id: ADA, events: { totalCount: 0 } }] },
    edges: [{ cursor, node: { id: ADA, name: 'Ada' } }],
    pageInfo: where(false, true, cursor, cursor),
  })
})

test('an ID is accepted in upper case in every argument, but an access key is case-sensitive', async () => {
  const answers = async (spelled: (id: string) => string) => {
    const representations = [
      { __typename: 'Organization', id: spelled(ORGANIZATION) },
      { __typename: 'Event', eventId: spelled(FIRST) },
      { __typename: 'User', principalId: spelled(ADA) },
      { __typename: 'Principal', principalId: spelled(BARE) },
    ]
    const [event, ada, bare] = [
      idIn('event', FIRST),
      idIn('principal', ADA),
      idIn('principal', BARE),
    ]
    const ids = [ORGANIZATION, event, ada, bare].map(id =>
      id.replace(/[0-9a-f-]{36}/g, id => spelled(id)),
    )
    return ask(
      `query ($ids: [ID!]!, $organization: ID!, $event: ID!, $ada: ID!, $after: String!, $bare: [ID!], $resource: [ID!],
          $representations: [_Any!]!) {
        event(id: $event) { eventId } nodes(ids: $ids) { id }
        _entities(representations: $representations) { __typename }
        organization(id: $organization) { id principal(id: $ada) { id: principalId } eventFeed(after: $after) { nodes { id: eventId } }
          by: events(filter: { principalIds: $bare }) { nodes { id: eventId } }
          to: events(filter: { resourceIds: $resource }) { nodes { id: eventId } } } }`,
      {
        ids,
        organization: spelled(ORGANIZATION),
        event: spelled(FIRST),
        ada: spelled(ADA),
        after: spelled(SECOND),
        bare: [spelled(BARE)],
        resource: [spelled(PLAIN)],
        representations,
      },
    )
  }
  const third = uuid(3, 'e1000000')
  const plain = await answers(id => id)
  expect(plain).toEqual({
    event: { eventId: FIRST },
    nodes: [
      ...[{ id: ORGANIZATION }, { id: idIn('event', FIRST) }],
      ...[{ id: idIn('principal', ADA) }, { id: idIn('principal', BARE) }],
    ],
    _entities: ['Organization', 'Event', 'User', 'Application'].map(name => ({ __typename: name })),
    organization: {
      id: ORGANIZATION,
      principal: { id: ADA },
      eventFeed: { nodes: [{ id: third }] },
      by: { nodes: [{ id: FIRST }] },
      to: { nodes: [{ id: third }] },
    },
  })
  expect(await answers(id => id.toUpperCase())).toEqual(plain)
  for (const [id, totalCount] of [
    [KEY, 1],
    [KEY.toLowerCase(), 0],
  ] as const) {
    const { organization } = await ask(
      `query ($ids: [ID!]) { organization(id: "${ORGANIZATION}") { events(filter: { resourceIds: $ids }) { totalCount } } }`,
      { ids: [id] },
    )
    expect(organization.events, id).toEqual({ totalCount })
  }
})

test('an ID is accepted in upper case by subscriptions, and in the paths and parameters of feeds and exports', async () => {
  const third = uuid(3, 'e1000000')
  const get = async (path: string) => {
    const response = await app.fetch(path, { headers: { 'x-auth-token': secret } })
    expect(response.status, path).toBe(200)
    return response.text()
  }
  const variables = { organizationId: ORGANIZATION.toUpperCase(), after: SECOND.toUpperCase() }
  const stream = await subscribe(app.fetch, { token: secret, variables })
  expect((await stream.next())?.data).toEqual({ data: { eventRecorded: { id: third } } })
  await stream.leave()
  const both = async (path: (spelled: (id: string) => string) => string) => {
    const plain = await get(path(id => id))
    expect(await get(path(id => id.toUpperCase()))).toBe(plain)
    return plain.match(/e1000000-0000-4000-8000-\d{12}/g)
  }
  const feed = await both(
    spelled =>
      `/feed/${spelled(ORGANIZATION)}.json?after=${spelled(FIRST)}&principalIds=${spelled(ROBOT)}`,
  )
  expect(feed).toEqual([third, third])
  const exported = await both(
    spelled =>
      `/export/${spelled(ORGANIZATION)}.csv?snapshot=${spelled(third)}&after=${spelled(SECOND)}`,
  )
  // The row, and the trailer with the snapshot, the first and the last event.
  expect(exported).toEqual([third, FIRST, third, third])
})

test('filtering by a value of an enum finds exactly the events that are returned with that value', async () => {
  const organizationId = uuid(2, 'c1000000')
  const actions = {
    ...{ CREATED: ['created'], UPDATED: ['updated'], DELETED: ['deleted'] },
    UNKNOWN: ['unknown', 'merged', 'Created', ''],
  }
  const categories = {
    ...{ API_KEY: ['api_key'], USER: ['user'], APPLICATION: ['application'], GROUP: ['group'] },
    POLICY: ['policy'],
    UNKNOWN: ['unknown', 'saml', 'apiKey', ''],
  }
  await app.store.append([
    ...Object.values(actions)
      .flat()
      .map(action => event({ organizationId, action, category: 'group' })),
    ...Object.values(categories)
      .flat()
      .map(category => event({ organizationId, action: 'updated', category })),
  ])
  const token = await app.token([], [organizationId])
  const words = async (condition: 'actions' | 'categories', value: string, literal: boolean) => {
    const others = condition === 'actions' ? 'categories: [GROUP]' : 'actions: [UPDATED]'
    const type = condition === 'actions' ? 'EventAction' : 'EventCategory'
    const { data, errors } = await app.ask(
      `query ${literal ? '' : `($value: [${type}!])`} {
        organization(id: "${organizationId}") {
          events(orderBy: CREATED_AT_ASC, filter: { ${others}, ${condition}: ${literal ? `[${value}]` : '$value'} }) {
            nodes { action rawAction category rawCategory } } } }`,
      literal ? {} : { value: [value] },
      token,
    )
    expect(errors).toBeUndefined()
    return data.organization.events.nodes
  }
  for (const literal of [true, false]) {
    for (const [name, raw] of Object.entries(actions)) {
      const found = await words('actions', name, literal)
      // Events made for the categories are UPDATED, too, and those made for the actions have the category GROUP.
      const expected = name === 'UPDATED' ? [...raw, 'updated'] : raw
      expect(found.map(({ rawAction }: { rawAction: string }) => rawAction)).toEqual(expected)
      expect(new Set(found.map(({ action }: { action: string }) => action))).toEqual(
        new Set([name]),
      )
    }
    for (const [name, raw] of Object.entries(categories)) {
      const found = await words('categories', name, literal)
      const expected = name === 'GROUP' ? ['group', ...raw] : raw
      expect(found.map(({ rawCategory }: { rawCategory: string }) => rawCategory)).toEqual(expected)
      expect(new Set(found.map(({ category }: { category: string }) => category))).toEqual(
        new Set([name]),
      )
    }
  }
})

// Must be the last test of the file: it looks at the queries of the others.
test('every field of every type is queried by a test of this file', async () => {
  const { data } = await app.ask(getIntrospectionQuery())
  const schema = buildClientSchema(data)
  const seen = new Set<string>()
  for (const query of queries) {
    const info = new TypeInfo(schema)
    visit(
      parse(query),
      visitWithTypeInfo(info, {
        Field(node) {
          const parent = info.getParentType()
          if (parent === null || parent === undefined) return
          const types =
            'getFields' in parent && !isObjectType(parent)
              ? schema.getPossibleTypes(parent as never)
              : [parent]
          for (const { name } of types) seen.add(`${name}.${node.name.value}`)
        },
      }),
    )
  }
  const missing = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__') && name !== 'Subscription')
    .flatMap(type => Object.keys(type.getFields()).map(field => `${type.name}.${field}`))
    .filter(field => !seen.has(field))
  expect(missing).toEqual([])
})
