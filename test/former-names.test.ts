// Former names in the graph: an event has the names of its own date, and users, applications and resources have their
// name at any instant.

import { expect, test } from 'vitest'
import type { DirectoryEntry } from '../src/principal.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, idIn, ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { apiKey, group } from './support/sync-contract.ts'

const ADA = uuid(1)
const ROBOT = uuid(2)
const KEY = 'SCWAAAAAAAAAAAAAAAAA'
const RENAMED = at('2026-01-01T12:00:00Z')

async function update(app: TestApp, entry: DirectoryEntry, complete = false): Promise<void> {
  const { organizationId, kind } = entry
  await app.store.updateDirectory({ organizationId, kind, entries: [entry], complete })
}

/** A user, an application and a key that were renamed between two events; a group that was not. */
async function openRenamed(options: Parameters<typeof openApp>[0] = {}): Promise<TestApp> {
  const app = await openApp(options)
  for (const [name, updatedAt] of [
    ['before', RENAMED - 9],
    ['after', RENAMED],
  ] as const) {
    await update(app, user({ id: ADA, name: `Ada ${name}`, updatedAt }))
    await update(app, application({ id: ROBOT, name: `robot ${name}`, updatedAt }))
    await update(app, apiKey({ id: KEY, description: `key ${name}`, name, updatedAt }))
  }
  await update(app, group({ id: uuid(3) }))
  const resources = [
    ['user', ADA],
    ['application', ROBOT],
    ['api_key', KEY],
    ['group', uuid(3)],
    ['policy', uuid(404)],
    ['saml', ADA],
  ] as const
  for (const createdAt of [RENAMED - 1, RENAMED]) {
    await app.store.append(
      resources.map(([category, resourceId], number) =>
        event({ category, resourceId, createdAt, principalId: number % 2 === 0 ? ADA : ROBOT }),
      ),
    )
  }
  return app
}

const THEN = `{ organization(id: "${ORGANIZATION}") { events(orderBy: CREATED_AT_ASC) { nodes {
  rawCategory principalNameThen resourceNameThen principal { name } resource { name } } } } }`

/** A line for each event: the names at its date and, in brackets, the current ones. */
async function namesIn(app: TestApp, token?: string) {
  const { data, errors } = await app.ask(THEN, {}, token)
  expect(errors).toBeUndefined()
  return data.organization.events.nodes.map(
    (node: {
      principalNameThen: string
      resourceNameThen: string
      principal: { name: string }
      resource: { name: string }
      rawCategory: string
    }) =>
      `${node.rawCategory}: ${node.resourceNameThen} (${node.resource.name}) by ${node.principalNameThen} (${node.principal.name})`,
  )
}

test('an event has the names at its date, beside the current names', async () => {
  const app = await openRenamed()
  const linesWith = (name: string) => [
    `user: Ada ${name} (Ada after) by Ada ${name} (Ada after)`,
    `application: robot ${name} (robot after) by robot ${name} (robot after)`,
    `api_key: key ${name} (key after) by Ada ${name} (Ada after)`,
    `group: Administrators (Administrators) by robot ${name} (robot after)`,
    `policy: null (null) by Ada ${name} (Ada after)`,
    `saml: null (null) by robot ${name} (robot after)`,
  ]
  expect(await namesIn(app)).toEqual([...linesWith('before'), ...linesWith('after')])
})

test('a viewer who may not see a current name does not see a former one', async () => {
  const app = await openRenamed()
  const usersOnly = await app.token(['AuditTrailReadOnly', 'IAMUserReadOnly'])
  expect((await namesIn(app, usersOnly)).slice(0, 4)).toEqual([
    'user: Ada before (Ada after) by Ada before (Ada after)',
    'application: null (null) by null (Unknown)',
    'api_key: key before (key after) by Ada before (Ada after)',
    'group: null (null) by null (Unknown)',
  ])
  const eventsOnly = await app.token(['AuditTrailReadOnly'])
  for (const line of await namesIn(app, eventsOnly)) {
    expect(line).toMatch(/^\w+: null \(null\) by null \(Unknown\)$/)
  }
})

test('Scaleway is always named Scaleway, and a principal that left has no former name', async () => {
  const app = await openRenamed({ scaleway: [uuid(9)] })
  await update(app, {
    kind: 'scaleway',
    organizationId: ORGANIZATION,
    id: uuid(8),
    name: 'Scaleway',
  })
  await app.store.append(
    [uuid(9), uuid(8)].map(principalId => event({ principalId, createdAt: 5 })),
  )
  expect((await namesIn(app)).slice(0, 2)).toEqual([
    'application: null (null) by Scaleway (Scaleway)',
    'application: null (null) by Scaleway (Scaleway)',
  ])
  await update(app, application({ id: uuid(77) }), true)
  const lines: string[] = await namesIn(app)
  expect(lines.filter(line => line.includes('robot'))).toEqual([])
  expect(lines).toContain('application: null (null) by null (Unknown)')
})

test('users, applications and resources have a name at any instant', async () => {
  const app = await openRenamed()
  const { data, errors } = await app.ask(
    `query ($before: DateTime!, $after: DateTime!) {
      ada: node(id: "${idIn('principal', ADA)}") { ... on User { nameAt(time: $before) now: nameAt(time: $after) } }
      robot: node(id: "${idIn('principal', ROBOT)}") { ... on Application { nameAt(time: $before) now: nameAt(time: $after) } }
      organization(id: "${ORGANIZATION}") { events(filter: { resourceIds: ["${KEY}"] }, first: 1) {
        nodes { resource { nameAt(time: $before) now: nameAt(time: $after) } } } } }`,
    { before: '2026-01-01T11:59:59.999999Z', after: '2026-01-01T12:00:00Z' },
  )
  expect(errors).toBeUndefined()
  expect(data.ada).toEqual({ nameAt: 'Ada before', now: 'Ada after' })
  expect(data.robot).toEqual({ nameAt: 'robot before', now: 'robot after' })
  expect(data.organization.events.nodes[0].resource).toEqual({
    nameAt: 'key before',
    now: 'key after',
  })
})

test('the former names of a page of events take one statement more', async () => {
  const statements: string[] = []
  const app = await openRenamed({ onStatement: text => statements.push(text) })
  const count = async (query: string) => {
    statements.length = 0
    expect((await app.ask(query)).errors).toBeUndefined()
    return statements.length
  }
  const withoutNames = THEN.replace('principalNameThen resourceNameThen', '')
  // The first query also looks up what is cached afterwards.
  await count(withoutNames)
  const plain = await count(withoutNames)
  expect(await count(THEN)).toBe(plain + 1)
})

test('an API key has its bearer for viewers who may see that kind of principal; a bearer that left is Unknown', async () => {
  const app = await openRenamed()
  const query = `{ organization(id: "${ORGANIZATION}") { events(first: 6) { nodes {
    rawCategory resource { bearer { __typename id: principalId name } } } } } }`
  const bearers = async (...sets: string[]) => {
    const { data, errors } = await app.ask(query, {}, await app.token(sets))
    expect(errors).toBeUndefined()
    const found = data.organization.events.nodes as {
      rawCategory: string
      resource: { bearer: unknown }
    }[]
    for (const { rawCategory, resource } of found) {
      if (rawCategory !== 'api_key') expect(resource.bearer).toBeNull()
    }
    return found.find(({ rawCategory }) => rawCategory === 'api_key')?.resource.bearer
  }
  const ada = { __typename: 'User', id: ADA, name: 'Ada after' }
  expect(await bearers()).toEqual(ada)
  expect(await bearers('AuditTrailReadOnly', 'IAMUserReadOnly')).toEqual(ada)
  expect(await bearers('AuditTrailReadOnly', 'IAMApplicationReadOnly')).toBeNull()
  expect(await bearers('AuditTrailReadOnly')).toBeNull()
  // The bearer was removed from the directory before its key.
  await update(app, user({ id: uuid(77) }), true)
  expect(await bearers()).toEqual({ __typename: 'UnknownPrincipal', id: ADA, name: 'Unknown' })
  await update(app, apiKey({ id: KEY, bearer: null }))
  expect(await bearers()).toBeNull()
})
