// What was called what when it happened, asked of the graph: by events, which say it of their own day, and by
// users, applications and resources for any instant.

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

async function describe(app: TestApp, entry: DirectoryEntry, complete = false): Promise<void> {
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
    await describe(app, user({ id: ADA, name: `Ada ${name}`, updatedAt }))
    await describe(app, application({ id: ROBOT, name: `robot ${name}`, updatedAt }))
    await describe(app, apiKey({ id: KEY, description: `key ${name}`, name, updatedAt }))
  }
  await describe(app, group({ id: uuid(3) }))
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

async function told(app: TestApp, token?: string) {
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

test('an event tells names of its own day, beside those of today', async () => {
  const app = await openRenamed()
  const ofDay = (name: string) => [
    `user: Ada ${name} (Ada after) by Ada ${name} (Ada after)`,
    `application: robot ${name} (robot after) by robot ${name} (robot after)`,
    `api_key: key ${name} (key after) by Ada ${name} (Ada after)`,
    `group: Administrators (Administrators) by robot ${name} (robot after)`,
    `policy: null (null) by Ada ${name} (Ada after)`,
    `saml: null (null) by robot ${name} (robot after)`,
  ]
  expect(await told(app)).toEqual([...ofDay('before'), ...ofDay('after')])
})

test('whoever may not see who it is now is not told who it was', async () => {
  const app = await openRenamed()
  const usersOnly = await app.token(['AuditTrailReadOnly', 'IAMUserReadOnly'])
  expect((await told(app, usersOnly)).slice(0, 4)).toEqual([
    'user: Ada before (Ada after) by Ada before (Ada after)',
    'application: null (null) by null (Unknown)',
    'api_key: key before (key after) by Ada before (Ada after)',
    'group: null (null) by null (Unknown)',
  ])
  const nobody = await app.token(['AuditTrailReadOnly'])
  for (const line of await told(app, nobody)) {
    expect(line).toMatch(/^\w+: null \(null\) by null \(Unknown\)$/)
  }
})

test('Scaleway is called Scaleway, and whoever left is not called what it was', async () => {
  const app = await openRenamed({ scaleway: [uuid(9)] })
  await describe(app, {
    kind: 'scaleway',
    organizationId: ORGANIZATION,
    id: uuid(8),
    name: 'Scaleway',
  })
  await app.store.append(
    [uuid(9), uuid(8)].map(principalId => event({ principalId, createdAt: 5 })),
  )
  expect((await told(app)).slice(0, 2)).toEqual([
    'application: null (null) by Scaleway (Scaleway)',
    'application: null (null) by Scaleway (Scaleway)',
  ])
  await describe(app, application({ id: uuid(77) }), true)
  const lines: string[] = await told(app)
  expect(lines.filter(line => line.includes('robot'))).toEqual([])
  expect(lines).toContain('application: null (null) by null (Unknown)')
})

test('users, applications and resources say what they were called at an instant', async () => {
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

test('a page with all names of its day takes one statement more', async () => {
  const statements: string[] = []
  const app = await openRenamed({ onStatement: text => statements.push(text) })
  const count = async (query: string) => {
    statements.length = 0
    expect((await app.ask(query)).errors).toBeUndefined()
    return statements.length
  }
  const withoutNames = THEN.replace('principalNameThen resourceNameThen', '')
  // What a number stands for is asked once.
  await count(withoutNames)
  const plain = await count(withoutNames)
  expect(await count(THEN)).toBe(plain + 1)
})

test('an API key tells who acts with it, to who may see the key', async () => {
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
  // Its bearer is gone, and the key not yet.
  await describe(app, user({ id: uuid(77) }), true)
  expect(await bearers()).toEqual({ __typename: 'UnknownPrincipal', id: ADA, name: 'Unknown' })
  await describe(app, apiKey({ id: KEY, bearer: null }))
  expect(await bearers()).toBeNull()
})
