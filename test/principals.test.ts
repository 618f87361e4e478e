// The principals of events as each viewer may see them, by the table of visibility; hidden, removed and unknown
// principals look the same.

import { expect, test } from 'vitest'
import { NIL_ID } from '../src/event.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, idIn, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'

const ADA = uuid(1)
const TERRAFORM = uuid(2)
const GONE = uuid(3)
const CONFIGURED = uuid(9)

async function openExample(): Promise<TestApp> {
  const app = await openApp({ scaleway: [CONFIGURED] })
  await app.store.append(
    [ADA, TERRAFORM, GONE, NIL_ID, CONFIGURED].map(principalId =>
      event({ principalId, category: 'user', resourceId: ADA }),
    ),
  )
  await app.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: [user({ id: ADA }), user({ id: uuid(4), name: 'Never Acted' })],
    complete: true,
  })
  await app.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'application',
    entries: [application({ id: TERRAFORM })],
    complete: true,
  })
  return app
}

const WHO = `{ organization(id: "${ORGANIZATION}") { events(orderBy: CREATED_AT_ASC) { nodes {
  principal { __typename id: principalId name ... on User { username email } ... on Application { description }
    events { totalCount } }
  resource { name } } } } }`

async function who(app: TestApp, sets?: string[]) {
  const { data, errors } = await app.ask(WHO, {}, await app.token(sets))
  expect(errors).toBeUndefined()
  return data.organization?.events.nodes ?? null
}

const unknown = (id: string) => ({
  principal: { __typename: 'UnknownPrincipal', id, name: 'Unknown', events: { totalCount: 1 } },
})
const scaleway = (id: string) => ({
  principal: { __typename: 'ScalewayPrincipal', id, name: 'Scaleway', events: { totalCount: 1 } },
})
const ada = {
  principal: {
    __typename: 'User',
    id: ADA,
    name: 'Ada Lovelace',
    username: 'ada',
    email: 'ada@example.com',
    events: { totalCount: 1 },
  },
}
const terraform = {
  principal: {
    __typename: 'Application',
    id: TERRAFORM,
    name: 'terraform',
    description: null,
    events: { totalCount: 1 },
  },
}

test('each viewer sees the principals that its permission sets show, and Unknown for the others', async () => {
  const app = await openExample()
  for (const [sets, seesUsers, seesApplications] of [
    [[], true, true],
    [['OrganizationManager'], true, true],
    [['IAMManager'], true, true],
    [['IAMReadOnly'], true, true],
    [['AuditTrailReadOnly'], false, false],
    [['AuditTrailFullAccess'], false, false],
    [['AuditTrailReadOnly', 'IAMUserReadOnly'], true, false],
    [['AuditTrailFullAccess', 'IAMUserManager'], true, false],
    [['AuditTrailReadOnly', 'IAMApplicationReadOnly'], false, true],
    [['AuditTrailReadOnly', 'IAMApplicationManager', 'BillingReadOnly'], false, true],
    [['AuditTrailReadOnly', 'IAMUserReadOnly', 'IAMApplicationReadOnly'], true, true],
  ] as const) {
    const name = seesUsers ? 'Ada Lovelace' : null
    expect(await who(app, [...sets]), sets.join()).toEqual(
      [
        seesUsers ? ada : unknown(ADA),
        seesApplications ? terraform : unknown(TERRAFORM),
        unknown(GONE),
        scaleway(NIL_ID),
        scaleway(CONFIGURED),
      ].map(event => ({ ...event, resource: { name } })),
    )
  }
})

test('an Organization does not exist for a viewer without a right to its events', async () => {
  const app = await openExample()
  for (const sets of [
    ['IAMUserReadOnly'],
    ['IAMApplicationManager', 'IAMUserManager'],
    ['Other'],
  ]) {
    const token = await app.token(sets)
    expect(await who(app, sets)).toBeNull()
    const { data } = await app.ask(
      `{ organizations { id } node(id: "${ORGANIZATION}") { id } ada: node(id: "${idIn('principal', ADA)}") { id }
        viewer { memberships { organization { id name events { totalCount nodes { id: eventId } }
          principals { totalCount } principal(id: "${ADA}") { id: principalId } } seesEvents seesUsers } } }`,
      {},
      token,
    )
    expect(data.organizations).toEqual([])
    expect(data.node).toBeNull()
    expect(data.ada).toBeNull()
    expect(data.viewer.memberships[0]).toMatchObject({
      organization: {
        id: ORGANIZATION,
        name: null,
        events: { totalCount: 0, nodes: [] },
        principals: { totalCount: 0 },
        principal: null,
      },
      seesEvents: false,
    })
  }
})

test('a viewer sees its memberships with their permission sets, and what these show', async () => {
  const app = await openExample()
  const token = await app.token(['AuditTrailReadOnly', 'IAMUserReadOnly'])
  const { data } = await app.ask(
    '{ viewer { name memberships { owner permissionSets seesEvents seesUsers seesApplications organization { id } } } }',
    {},
    token,
  )
  expect(data.viewer.memberships).toEqual([
    {
      owner: false,
      permissionSets: ['AuditTrailReadOnly', 'IAMUserReadOnly'],
      seesEvents: true,
      seesUsers: true,
      seesApplications: false,
      organization: { id: ORGANIZATION },
    },
  ])
})

test('the response for a hidden principal is byte for byte that for a removed, renamed or never listed one', async () => {
  const QUERY = `{
    node(id: "${idIn('principal', ADA)}") { __typename id }
    nodes(ids: ["${idIn('principal', ADA)}", "${idIn('principal', GONE)}"]) { id }
    organization(id: "${ORGANIZATION}") {
      principal(id: "${ADA}") { __typename id: principalId name events { totalCount nodes { id: eventId } } }
      principals { totalCount edges { cursor node { __typename id: principalId name } } pageInfo { endCursor } }
      found: principals(search: "Lovelace") { totalCount nodes { id: principalId } }
      mail: principals(search: "ada@example.com") { totalCount }
      events(filter: { principalIds: ["${ADA}"] }) { totalCount nodes { principal { name } resource { name }
        principalNameThen resourceNameThen
        resource { nameAt(time: "2020-01-01T00:00:00Z") bearer { id: principalId } principal { id: principalId ... on User { nameAt(time: "2020-01-01T00:00:00Z") } } } } }
    } }`
  const bodies: string[] = []
  for (const change of ['nothing', 'removed', 'renamed', 'never listed'] as const) {
    const app = await openApp()
    await app.store.append([
      event({
        id: uuid(1, 'e5000000'),
        createdAt: 1,
        principalId: ADA,
        category: 'user',
        resourceId: ADA,
      }),
    ])
    const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
    if (change !== 'never listed') {
      await app.store.updateDirectory({ ...listing, entries: [user({ id: ADA })] })
    }
    if (change === 'removed') await app.store.updateDirectory({ ...listing, entries: [] })
    if (change === 'renamed') {
      await app.store.updateDirectory({ ...listing, entries: [user({ id: ADA, name: 'Zed' })] })
    }
    const token = await app.token(['AuditTrailReadOnly'])
    bodies.push((await app.ask(QUERY, {}, token)).body)
  }
  expect(new Set(bodies).size).toBe(1)
  expect(bodies[0]).toContain('UnknownPrincipal')
})

test('the response about one Organization does not depend on the events and users of another', async () => {
  const QUERY = `{ organizations { id name events { totalCount nodes { id: eventId principal { name } } }
    principals { nodes { id: principalId name } totalCount } } node(id: "${idIn('event', uuid(77, 'e5000000'))}") { id } event(id: "${uuid(77, 'e5000000')}") { userAgent } }`
  const bodies: string[] = []
  for (const busy of [false, true]) {
    const app = await openApp()
    const mine = event({
      id: uuid(77, 'e5000000'),
      createdAt: 5,
      principalId: ADA,
      userAgent: 'mine',
    })
    if (busy) {
      await app.store.append([
        { ...mine, organizationId: OTHER_ORGANIZATION, userAgent: 'theirs' },
        event({ organizationId: OTHER_ORGANIZATION, principalId: ADA }),
      ])
      await app.store.updateDirectory({
        organizationId: OTHER_ORGANIZATION,
        kind: 'user',
        entries: [user({ id: ADA, organizationId: OTHER_ORGANIZATION, name: 'Elsewhere' })],
        complete: true,
      })
    }
    await app.store.append([mine])
    bodies.push((await app.ask(QUERY)).body)
  }
  expect(bodies[0]).toBe(bodies[1])
})

test('the principals of an Organization are a Relay connection, read in pages from its start or its end', async () => {
  const app = await openExample()
  const query = `query ($first: Int, $after: String, $last: Int, $before: String) {
    organization(id: "${ORGANIZATION}") { principals(first: $first, after: $after, last: $last, before: $before) {
      totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`
  const all = ['Ada Lovelace', 'Never Acted', 'Scaleway', 'Scaleway', 'terraform', 'Unknown']
  const forward: string[] = []
  let after: string | null = null
  do {
    const { data } = await app.ask(query, { first: 2, after })
    const { nodes, pageInfo, totalCount } = data.organization.principals
    forward.push(...nodes.map(({ name }: { name: string }) => name))
    expect(totalCount).toBe(all.length)
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null)
  expect(forward).toEqual(all)
  const { data } = await app.ask(query, { last: 2 })
  expect(data.organization.principals.nodes.map(({ name }: { name: string }) => name)).toEqual(
    all.slice(-2),
  )
})

test('an ID in upper case finds the same as in lower case, in every argument', async () => {
  const app = await openExample()
  const LETTERS = uuid(0xabcdef, 'fedcba98')
  const entries = [user({ id: LETTERS })]
  const listing = { organizationId: ORGANIZATION, kind: 'user', entries, complete: false } as const
  await app.store.updateDirectory(listing)
  const [event] = (
    await app.ask(
      `{ organization(id: "${ORGANIZATION}") { events(first: 1) { nodes { id: eventId } } } }`,
    )
  ).data.organization.events.nodes
  const { data } = await app.ask(
    `query ($organization: ID!, $principal: ID!, $event: ID!, $principalNode: ID!, $eventNode: ID!) {
      organization(id: $organization) { id
        principal(id: $principal) { id: principalId }
        events(filter: { principalIds: [$principal] }) { totalCount } }
      organizationNode: node(id: $organization) { id } principalNode: node(id: $principalNode) { id }
      event(id: $event) { id } nodes(ids: [$eventNode, $principalNode]) { id } }`,
    {
      organization: ORGANIZATION.toUpperCase(),
      principal: LETTERS.toUpperCase(),
      event: event.id.toUpperCase(),
      principalNode: idIn('principal', LETTERS.toUpperCase(), ORGANIZATION.toUpperCase()),
      eventNode: idIn('event', event.id.toUpperCase(), ORGANIZATION.toUpperCase()),
    },
  )
  expect(data).toEqual({
    organization: { id: ORGANIZATION, principal: { id: LETTERS }, events: { totalCount: 0 } },
    organizationNode: { id: ORGANIZATION },
    principalNode: { id: idIn('principal', LETTERS) },
    event: { id: idIn('event', event.id) },
    nodes: [{ id: idIn('event', event.id) }, { id: idIn('principal', LETTERS) }],
  })
})

test('principals are sorted and searched by name without regard to case and accents', async () => {
  const app = await openApp()
  const names = [
    'alain bernard',
    'Bruno Costa',
    'Élodie Zimmer',
    'He\u0301le\u0300ne Dufour',
    'Zoé Arnaud',
  ]
  await app.store.append([event()])
  await app.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: names.map((name, number) => user({ id: uuid(40 - number), name })),
    complete: true,
  })
  const query = `query ($search: String, $after: String) { organization(id: "${ORGANIZATION}") {
    principals(search: $search, first: 2, after: $after) {
      totalCount nodes { name } pageInfo { hasNextPage endCursor } } } }`
  const page = async (variables: object) => {
    const { data, errors } = await app.ask(query, variables)
    expect(errors).toBeUndefined()
    const { totalCount, nodes, pageInfo } = data.organization.principals
    return { totalCount, pageInfo, names: nodes.map((node: { name: string }) => node.name) }
  }
  const listed: string[] = []
  for (let after: string | null = null; ; ) {
    const { names, pageInfo } = await page({ after })
    listed.push(...names)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect(listed.filter(name => name !== 'Unknown')).toEqual(names)
  for (const search of ['élodie', 'ELODIE', 'E\u0301lodie', 'zimmer', ' Élodie  Zimmer ']) {
    expect(await page({ search })).toMatchObject({ totalCount: 1, names: ['Élodie Zimmer'] })
  }
  for (const search of ['Hélène', 'He\u0301le\u0300ne', 'helene d']) {
    expect(await page({ search })).toMatchObject({ totalCount: 1, names: [names[3]] })
  }
  expect(await page({ search: 'eladie' })).toMatchObject({ totalCount: 0, names: [] })
})

test('a search counts the principals it finds, and the events of a principal are its own whatever the filter', async () => {
  const app = await openExample()
  const { data } = await app.ask(`{ organization(id: "${ORGANIZATION}") {
    found: principals(search: "LOVE", first: 0) { totalCount nodes { id: principalId } }
    none: principals(search: "nobody") { totalCount nodes { id: principalId } }
    ada: principal(id: "${ADA}") {
      own: events(filter: { principalIds: ["${TERRAFORM}", "${ADA}"] }) { totalCount nodes { principal { id: principalId } } }
      others: events(filter: { principalIds: ["${TERRAFORM}"] }) { totalCount nodes { id: eventId } }
      nobodys: events(filter: { principalIds: [] }) { totalCount nodes { id: eventId } } } } }`)
  expect(data.organization).toEqual({
    found: { totalCount: 1, nodes: [] },
    none: { totalCount: 0, nodes: [] },
    ada: {
      own: { totalCount: 1, nodes: [{ principal: { id: ADA } }] },
      others: { totalCount: 0, nodes: [] },
      nobodys: { totalCount: 0, nodes: [] },
    },
  })
})
