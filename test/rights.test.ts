// What permission sets show of events and of each kind of directory entry, through the graph, the feed, exports and
// subscriptions. The table is in test/support/rights-world.ts; the same on each database in
// test/support/rights-contract.ts.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { type Event, NIL_ID } from '../src/event.ts'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { openApp, type TestApp } from './support/app.ts'
import { idIn, ORGANIZATION } from './support/events.ts'
import { ROWS_OF, rowOf } from './support/exported-rows.ts'
import { FEED_ENDINGS } from './support/paths.ts'
import {
  ACTS,
  ADA,
  ENTRIES,
  enough,
  fill,
  type Letters,
  LISTED,
  listOf,
  type RightsOf,
  SCALEWAY,
  SEARCHES,
  TOLD,
  VIEWERS,
  WHO,
  whoIs,
} from './support/rights-world.ts'
import { subscribe } from './support/streams.ts'

let app: TestApp
let events: readonly Event[]

beforeAll(async () => {
  app = await openApp({
    scaleway: SCALEWAY.always,
    notScaleway: SCALEWAY.never,
    rate: { perSecond: 0, burst: 0 },
  })
  events = await fill(app.store)
  await app.store.nameOrganization({ id: ORGANIZATION, name: 'Analytical Engines' })
})
afterAll(() => app.store.close())

async function tokenOf({ sets, owner = false }: Omit<RightsOf, 'sees'>): Promise<string> {
  const grants = [{ organizationId: ORGANIZATION, owner, permissionSets: sets }]
  const { token, secret, hash } = newToken({ name: 'a viewer', grants, expiresAt: null }, 0)
  await app.store.tokens.create(token, hash)
  return secret
}

async function ask(query: string, token: string, variables: object = {}) {
  const { data, errors } = await app.ask(query, variables, token)
  expect(errors).toBeUndefined()
  return data
}

async function get(path: string, token: string): Promise<{ status: number; text: string }> {
  const response = await app.fetch(path, { headers: { 'x-auth-token': token } })
  return { status: response.status, text: await response.text() }
}

interface Who {
  readonly __typename: string
  readonly id: string
  readonly name: string
}
const WHO_IT_IS = '__typename id: principalId name'
const described = (who: Who | null) => who && `${who.__typename} ${who.name}`

/** The name that a principal had when it acted, for a viewer with these rights; `null` for an Unknown. */
function nameThen(id: string, sees: Letters): string | null {
  const [type, name] = whoIs(id, sees)?.split(' ') ?? []
  if (type === 'UnknownPrincipal') return null
  return type === 'ScalewayPrincipal' ? 'Scaleway' : `${name} then`
}

/** The principal of an ID that another entry names, although it may have no events. */
function namedAs(id: string, sees: Letters): string {
  return whoIs(id, sees) ?? 'UnknownPrincipal Unknown'
}

const viewers = VIEWERS.map(viewer => ({
  ...viewer,
  called: `${viewer.owner ? 'an Owner' : 'a viewer'} with ${viewer.sets.join(' + ') || 'no permission set'}`,
}))
const seeing = viewers.filter(({ sees }) => sees.includes('E'))
const withoutEvents = viewers.filter(({ sees }) => !sees.includes('E'))

describe.each(seeing)('$called ($sees)', viewer => {
  const { sees } = viewer
  let token: string
  beforeAll(async () => {
    token = await tokenOf(viewer)
  })

  test('sees in each event the principal and the resource with its bearer, as far as its rights show them', async () => {
    const { organization } = await ask(
      `{ organization(id: "${ORGANIZATION}") { name events(orderBy: CREATED_AT_ASC) { totalCount nodes {
        id: eventId rawCategory principal { ${WHO_IT_IS} } principalNameThen resourceNameThen
        resource { id: resourceId name nameAt(time: "2026-01-01T00:00:00Z") principal { ${WHO_IT_IS} }
          bearer { ${WHO_IT_IS} } } } } } }`,
      token,
    )
    expect(organization.name).toBe('Analytical Engines')
    expect(organization.events.totalCount).toBe(TOLD.length)
    const expected = TOLD.map(({ category, resourceId, principalId, name, acts, bearer }, at) => {
      const visible = name !== null && enough(sees, name[0])
      const called = visible ? name[1] : null
      return {
        id: events[at]?.id,
        rawCategory: category,
        who: [principalId, whoIs(principalId, sees)],
        principalNameThen: nameThen(principalId, sees),
        resourceNameThen: called && `${called} then`,
        resource: {
          ...{ id: resourceId, name: called, nameAt: called && `${called} then` },
          who: acts ? [resourceId, namedAs(resourceId, sees)] : null,
          bearer: bearer && visible ? [bearer, namedAs(bearer, sees)] : null,
        },
      }
    })
    const pair = (who: Who | null) => who && [who.id, described(who)]
    expect(
      // biome-ignore lint/suspicious/noExplicitAny: untyped response
      organization.events.nodes.map(({ principal, resource, ...node }: any) => {
        const { principal: itself, bearer, ...rest } = resource
        return {
          ...node,
          who: pair(principal),
          resource: { ...rest, who: pair(itself), bearer: pair(bearer) },
        }
      }),
    ).toEqual(expected)
  })

  test('sees the API keys of visible principals, and none of others', async () => {
    const { organization } = await ask(
      `{ organization(id: "${ORGANIZATION}") { principals { nodes { ${WHO_IT_IS}
        ... on User { apiKeys { accessKey description } }
        ... on Application { apiKeys { accessKey description } } } } } }`,
      token,
    )
    const keysOf = (id: string) =>
      ENTRIES.flatMap(([needs, entry]) =>
        entry.kind === 'api_key' && entry.bearer?.id === id && enough(sees, needs)
          ? [{ accessKey: entry.id, description: entry.description }]
          : [],
      )
    for (const { id, __typename, apiKeys = null } of organization.principals.nodes) {
      const isKnown = /^(User|Application)$/.test(__typename)
      expect(apiKeys, id).toEqual(isKnown ? keysOf(id) : null)
    }
    if (sees.includes('U')) expect(keysOf(ADA)).toHaveLength(2)
  })

  test('gets no more names from the list of principals, its search and the counts than from events', async () => {
    const { organization } = await ask(
      `{ organization(id: "${ORGANIZATION}") { principals { totalCount nodes { ${WHO_IT_IS} } }
        eventCounts { byPrincipal { count principal { ${WHO_IT_IS} } } } } }`,
      token,
    )
    const listed = LISTED[listOf(sees)]
    expect(organization.principals).toMatchObject({ totalCount: listed.length })
    expect(organization.principals.nodes.map((who: Who) => `${described(who)} ${who.id}`)).toEqual(
      listed,
    )
    expect(
      organization.eventCounts.byPrincipal.map(
        ({ principal, count }: { principal: Who; count: number }) => [
          ...[principal.id, described(principal), count],
        ],
      ),
    ).toEqual(ACTS.map(([id, count]) => [id, whoIs(id, sees), count]))
    for (const [search, found] of SEARCHES) {
      const { organization } = await ask(
        `query ($search: String) { organization(id: "${ORGANIZATION}") {
          principals(search: $search) { totalCount nodes { id: principalId } } } }`,
        token,
        { search },
      )
      const ids = found.flatMap(([needs, id]) => (enough(sees, needs) ? [id] : []))
      expect(organization.principals, search).toEqual({
        totalCount: ids.length,
        nodes: ids.map(id => ({ id })),
      })
    }
  })

  test('gets the same principal by every lookup by ID', async () => {
    const types = ['Principal', 'User', 'Application', 'UnknownPrincipal', 'ScalewayPrincipal']
    for (const id of Object.keys(WHO)) {
      const globalId = idIn('principal', id)
      const representations = types.flatMap(__typename => [
        ...[
          { __typename, principalId: id },
          { __typename, id: globalId },
        ],
      ])
      const { organization, _entities, node, nodes } = await ask(
        `query ($id: ID!, $globalId: ID!, $representations: [_Any!]!) { node(id: $globalId) { __typename id }
          nodes(ids: [$globalId, $id]) { __typename id } organization(id: "${ORGANIZATION}") { principal(id: $id) { ${WHO_IT_IS} } }
          _entities(representations: $representations) { ... on Principal { ${WHO_IT_IS} } } }`,
        token,
        { id, globalId, representations },
      )
      const who = whoIs(id, sees)
      const type = who?.split(' ')[0]
      expect(described(organization.principal), id).toBe(who)
      expect(_entities.map(described), id).toEqual(
        types.flatMap(name => Array(2).fill(name === 'Principal' || name === type ? who : null)),
      )
      const listed =
        type === 'User' || type === 'Application' ? { __typename: type, id: globalId } : null
      expect([node, ...nodes], id).toEqual([listed, listed, null])
    }
  })

  test('gets the same names and kinds of principals in the feed and in every export', async () => {
    const expected = TOLD.map(({ principalId, resourceId, name }, at) => {
      const [type, ...called] = whoIs(principalId, sees)?.split(' ') ?? []
      const kind = type?.replace('Principal', '').toLowerCase()
      return {
        id: events[at]?.id ?? null,
        bearer_id: principalId,
        principal_kind: kind ?? null,
        principal_name: called.join(' '),
        resource_id: resourceId,
        resource_name: name !== null && enough(sees, name[0]) ? name[1] : null,
      }
    })
    const feed = await get(`/feed/${ORGANIZATION}.json`, token)
    expect(JSON.parse(feed.text).logs.map(rowOf)).toEqual(expected)

    for (const { name, extension } of EXPORT_FORMATS) {
      const file = await get(`/export/${ORGANIZATION}${extension}?trailer=no`, token)
      expect(ROWS_OF[name](file.text), name).toEqual(expected)
      if (!FEED_ENDINGS.includes(extension)) continue
      const page = await get(`/feed/${ORGANIZATION}${extension}`, token)
      expect(ROWS_OF[name](page.text), name).toEqual(expected)
    }
  })

  test('gets the same names in a subscription', async () => {
    const query = `subscription ($organizationId: ID!, $after: String) {
      eventRecorded(organizationId: $organizationId, after: $after) { id: eventId principalNameThen
        principal { ${WHO_IT_IS} } resource { name } } }`
    const variables = { after: events[0]?.id }
    const stream = await subscribe(app.fetch, { token, query, variables })
    for (const [at, { principalId, name }] of TOLD.entries()) {
      if (at === 0) continue
      const message = await stream.next()
      const { id, principalNameThen, principal, resource } = message?.data.data.eventRecorded ?? {}
      expect([id, principalNameThen, described(principal), resource?.name], String(at)).toEqual([
        ...[events[at]?.id, nameThen(principalId, sees), whoIs(principalId, sees)],
        name !== null && enough(sees, name[0]) ? name[1] : null,
      ])
    }
    await stream.leave()
  })

  test('sees in its memberships what it may see', async () => {
    const { viewer: self, organizations } = await ask(MEMBERSHIPS, token)
    expect(self.memberships).toEqual([
      {
        owner: viewer.owner ?? false,
        permissionSets: viewer.sets,
        seesEvents: true,
        seesUsers: enough(sees, 'U'),
        seesApplications: enough(sees, 'A'),
        organization: { id: ORGANIZATION, name: 'Analytical Engines' },
      },
    ])
    expect(organizations).toEqual([{ id: ORGANIZATION }])
  })
})

const MEMBERSHIPS = `{ organizations { id } viewer { memberships { owner permissionSets seesEvents seesUsers
  seesApplications organization { id name } } } }`

describe.each(withoutEvents)('$called (no right to events)', viewer => {
  test('finds no Organization, no event and no principal', async () => {
    const token = await tokenOf(viewer)
    const own = Object.keys(WHO)
    const eventId = events[0]?.id ?? ''
    const ids = [
      ...[ORGANIZATION, eventId, idIn('event', eventId)],
      ...[...own, ...own.map(id => idIn('principal', id))],
    ]
    const types = ['Organization', 'Event', 'Principal', 'User', 'Application', 'ScalewayPrincipal']
    const representations = ids.flatMap(id =>
      types.flatMap(__typename => [
        ...[
          { __typename, id },
          { __typename, eventId: id },
          { __typename, principalId: id },
        ],
      ]),
    )
    const data = await ask(
      `query ($ids: [ID!]!, $representations: [_Any!]!) { organization(id: "${ORGANIZATION}") { id }
        event(id: "${events[0]?.id}") { id } nodes(ids: $ids) { id }
        _entities(representations: $representations) { __typename }
        viewer { memberships { organization { principals { totalCount nodes { id: principalId } }
          scaleway: principal(id: "${NIL_ID}") { id: principalId } events { totalCount nodes { id: eventId } }
          eventCounts { total byPrincipal { count } } eventFeed { hasMore nodes { id: eventId } } } } } }`,
      token,
      { ids, representations },
    )
    expect(data).toEqual({
      organization: null,
      event: null,
      nodes: ids.map(() => null),
      _entities: representations.map(() => null),
      viewer: {
        memberships: [
          {
            organization: {
              principals: { totalCount: 0, nodes: [] },
              scaleway: null,
              events: { totalCount: 0, nodes: [] },
              eventCounts: { total: 0, byPrincipal: [] },
              eventFeed: { hasMore: false, nodes: [] },
            },
          },
        ],
      },
    })
    for (const path of [`/feed/${ORGANIZATION}.json`, `/export/${ORGANIZATION}.ndjson`]) {
      const { status, text } = await get(path, token)
      expect(status, path).toBe(404)
      expect(text).not.toMatch(/Ada|Scaleway|Unknown/)
    }
    const { viewer: self, organizations } = await ask(MEMBERSHIPS, token)
    expect(self.memberships).toEqual([
      {
        owner: false,
        permissionSets: viewer.sets,
        seesEvents: false,
        seesUsers: viewer.sees.includes('U'),
        seesApplications: viewer.sees.includes('A'),
        organization: { id: ORGANIZATION, name: null },
      },
    ])
    expect(organizations).toEqual([])
  })
})
