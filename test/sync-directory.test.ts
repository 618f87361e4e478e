// Sync of the directory: which entries are added and removed, which ID is Scaleway itself, and the rights that follow from
// policies.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { formatInstant, type Instant } from '../src/instant.ts'
import type { LogReader } from '../src/log-reader.ts'
import { ScalewayError } from '../src/scaleway/client.ts'
import { openApp } from './support/app.ts'
import { ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import {
  apiKey,
  application,
  deniedAuthentication,
  type FakeOrganization,
  type FakeScaleway,
  group,
  log,
  policy,
  rule,
  startFakeScaleway,
  user,
  type WireItem,
} from './support/scaleway.ts'
import { DAY, type Follower, follower, MINUTE, NOW } from './support/upstream.ts'
import { owner } from './support/viewers.ts'

let fake: FakeScaleway
const folder = mkdtempSync(join(tmpdir(), 'iam-logs-sync-'))
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  fake = await startFakeScaleway()
})

afterEach(async () => {
  for (const archive of opened.splice(0)) await archive.close()
})

afterAll(async () => {
  await fake.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Scene {
  readonly scaleway: FakeOrganization
  readonly archive: Follower
  readonly reader: LogReader
}

/** An empty Scaleway with one Organization, and an empty archive, in memory unless a file is named. */
async function scene(name?: string): Promise<Scene> {
  fake.reset()
  const archive = await follower(fake, name === undefined ? ':memory:' : join(folder, name))
  opened.push(archive)
  return {
    scaleway: fake.organization(ORGANIZATION),
    archive,
    reader: archive.store.reader(owner),
  }
}

const MILLISECOND = 1000

function dated(date: Instant, fields: Parameters<typeof log>[0] = {}) {
  return log({ created_at: formatInstant(date), ...fields })
}

describe('sync of the directory', () => {
  const named = { first_name: 'Grace', last_name: 'Hopper', email: 'grace@example.com' }

  /** The directory entries of these items. */
  async function listed(reader: LogReader, ...items: readonly WireItem[]) {
    const ids = items.map(({ id, access_key }) => String(id ?? access_key))
    return reader.directory(ids.map(id => ({ organizationId: ORGANIZATION, id })))
  }

  test('stores users, applications, groups, policies with their rules, and API keys', async () => {
    const { scaleway, archive, reader } = await scene()
    const person = user(named)
    const program = application({ name: 'terraform' })
    const team = group({ name: 'team', user_ids: [person.id], application_ids: [program.id] })
    const rights = policy({ name: 'audit', group_id: team.id })
    const key = apiKey({ application_id: program.id, description: 'pipeline' })
    scaleway.users = [person]
    scaleway.applications = [program]
    scaleway.groups = [team]
    scaleway.policies = [rights]
    scaleway.rules.set(rights.id, [rule({ permission_set_names: ['IAMReadOnly', 'B', 'A'] })])
    scaleway.apiKeys = [key]
    expect(await archive.sync()).toMatchObject({ written: 5, removed: 0, forbidden: 0 })
    expect(await listed(reader, person, program, team, rights, key)).toMatchObject([
      { kind: 'user', name: 'Grace Hopper', email: 'grace@example.com', type: 'member' },
      { kind: 'application', name: 'terraform' },
      { kind: 'group', userIds: [person.id], applicationIds: [program.id], allUsers: false },
      {
        kind: 'policy',
        holder: { kind: 'group', id: team.id },
        permissionSets: ['A', 'B', 'IAMReadOnly'],
      },
      {
        kind: 'api_key',
        name: 'pipeline',
        bearer: { kind: 'application', id: program.id },
        organizationId: ORGANIZATION,
      },
    ])
    archive.pass(MINUTE)
    expect(await archive.sync()).toMatchObject({ written: 0, removed: 0 })
    expect(archive.notes).toEqual([])
  })

  test('keeps former names of every kind, each until the date of the update by Scaleway', async () => {
    const { scaleway, archive, reader } = await scene()
    const items = [
      user({ first_name: 'Old', last_name: 'name' }),
      application({ name: 'Old name' }),
      group({ name: 'Old name' }),
      policy({ name: 'Old name' }),
      apiKey({ description: 'Old name' }),
    ] as const
    const list = ([person, program, team, rights, key]: readonly WireItem[]) => {
      Object.assign(scaleway, {
        users: [person],
        applications: [program],
        groups: [team],
        policies: [rights],
        apiKeys: [key],
      })
    }
    list(items)
    await archive.sync()
    const renamedAt = NOW - 5 * MINUTE
    const updated_at = formatInstant(renamedAt)
    const new_ = { first_name: 'New', name: 'New name', description: 'New name', updated_at }
    list(items.map(item => ({ ...item, ...new_ })))
    archive.pass(MINUTE)
    expect(await archive.sync()).toMatchObject({ written: 5 })
    for (const [at, name] of [
      [renamedAt - 1, 'Old name'],
      [renamedAt, 'New name'],
    ] as const) {
      const found = await reader.namesAt(
        items.map(item => {
          const id = String('access_key' in item ? item.access_key : item.id)
          return { organizationId: ORGANIZATION, id, at }
        }),
      )
      expect(found.map(one => one?.name?.toLowerCase())).toEqual(Array(5).fill(name.toLowerCase()))
    }
  })

  test('stores lists of several pages, and reads a list again only after an event about its kind', async () => {
    const { scaleway, archive, reader } = await scene()
    scaleway.users = Array.from({ length: 250 }, () => user())
    await archive.sync()
    expect(await reader.countPrincipals(ORGANIZATION, 'example.com')).toBe(250)
    const lists = () => fake.requests.filter(({ list }) => list === 'users').length
    const before = lists()
    scaleway.users = [...scaleway.users, user(named)]
    scaleway.add(dated(NOW, { resource_type: 'api_key' }))
    await archive.sync({ thorough: false })
    expect(lists()).toBe(before)
    scaleway.add(dated(NOW, { resource_type: 'user' }))
    await archive.sync({ thorough: false })
    expect(lists()).toBe(before + 6)
    expect(await reader.countPrincipals(ORGANIZATION, 'grace')).toBe(1)
  })

  test('leaves a forbidden list unchanged, reports it once, and updates the others', async () => {
    const { scaleway, archive, reader } = await scene()
    const [person, gone] = [user(named), application()]
    scaleway.users = [person]
    scaleway.applications = [gone]
    await archive.sync()
    scaleway.forbid('users')
    scaleway.users = []
    const program = application()
    scaleway.applications = [program]
    expect(await archive.sync()).toMatchObject({ written: 1, removed: 1, forbidden: 1 })
    expect(archive.notes).toHaveLength(1)
    expect(archive.notes[0]).toMatch(/^the API key SCW\w+ may not read the users of .*IAMReadOnly/)
    expect(await listed(reader, person, gone, program)).toMatchObject([
      { name: 'Grace Hopper' },
      null,
      { id: program.id },
    ])
  })

  test('erases a user that is no longer listed from responses and from the bytes of the database', async () => {
    const { scaleway, archive, reader } = await scene('erased.db')
    const [person, other] = [user(named), user()]
    scaleway.users = [person, other]
    scaleway.add(dated(NOW - DAY, { bearer_id: person.id }))
    const shown = '{ organizations { events { nodes { principal { __typename name } } } } }'
    const app = await openApp({ file: join(folder, 'erased.db') })
    opened.push({ close: async () => app.store.close() })
    const principal = async () =>
      (await app.ask(shown)).data.organizations[0].events.nodes[0].principal
    await archive.sync()
    expect(await principal()).toEqual({ __typename: 'User', name: 'Grace Hopper' })
    expect(bytesOf('erased.db')).toContain('grace@example.com')
    scaleway.users = [other]
    expect(await archive.sync()).toMatchObject({ removed: 1 })
    expect(await principal()).toEqual({ __typename: 'UnknownPrincipal', name: 'Unknown' })
    expect(await reader.countPrincipals(ORGANIZATION, 'hopper')).toBe(0)
    expect(bytesOf('erased.db')).not.toMatch(/grace|hopper/i)
    expect(bytesOf('erased.db')).toContain(String(other.email))
  })

  test('removes nobody because of one empty or incomplete response', async () => {
    const { scaleway, archive, reader } = await scene()
    scaleway.users = Array.from({ length: 150 }, () => user())
    await archive.sync()
    for (const kind of ['empty-list', 'empty-page', 'page-before', 'truncated'] as const) {
      for (const page of ['1', '2']) {
        let lies = 1
        fake.faults = ({ list, query }) =>
          list === 'users' && query.get('page') === page && lies-- > 0 ? { kind } : null
        expect(await archive.sync(), `${kind} for page ${page}`).toMatchObject({ removed: 0 })
        expect(lies).toBeLessThan(1)
      }
    }
    expect(await reader.countPrincipals(ORGANIZATION, 'example.com')).toBe(150)
    scaleway.users = []
    fake.faults = []
    expect(await archive.sync()).toMatchObject({ removed: 150 })
  })

  test('removes nobody who is still listed when the list shifts between pages', async () => {
    const { scaleway, archive, reader } = await scene()
    const people = Array.from({ length: 250 }, () => user())
    scaleway.users = people
    await archive.sync()
    // After each first page the first user leaves and another joins, so that all others move by one place.
    let shifts = 0
    fake.faults = ({ list, query }) => {
      if (list === 'users' && query.get('page') === '2' && shifts++ < 20) {
        scaleway.users = [...scaleway.users.slice(1), user()]
      }
      return null
    }
    expect(await archive.sync()).toMatchObject({ removed: 0 })
    const stayed = people.filter(({ id }) => scaleway.users.some(one => one.id === id))
    expect(shifts).toBeGreaterThan(1)
    expect(stayed.length).toBeGreaterThan(200)
    expect((await listed(reader, ...stayed)).filter(entry => entry === null)).toEqual([])
    fake.faults = []
    await archive.sync()
    expect(await reader.countPrincipals(ORGANIZATION, 'example.com')).toBe(250)
  })

  test('removes nobody if a list changes during every attempt to read it, and reports that', async () => {
    const { scaleway, archive, reader } = await scene()
    const people = Array.from({ length: 250 }, () => user())
    scaleway.users = people
    await archive.sync()
    fake.faults = ({ list, query }) => {
      const second = list === 'users' && query.get('page') === '2'
      if (second) scaleway.users = scaleway.users.slice(1)
      return null
    }
    expect(await archive.sync()).toMatchObject({ removed: 0 })
    expect(archive.notes).toEqual([
      'the list of users changed while it was read; no entry counts as removed',
    ])
    expect(await reader.countPrincipals(ORGANIZATION, 'example.com')).toBe(250)
    fake.faults = []
    expect(await archive.sync()).toMatchObject({ removed: 250 - scaleway.users.length })
  })

  test('removes nobody if a page in the middle is always empty, and reports that', async () => {
    const { scaleway, archive, reader } = await scene()
    scaleway.users = Array.from({ length: 250 }, () => user())
    await archive.sync()
    fake.faults = ({ list, query }) =>
      list === 'users' && query.get('page') === '2' ? { kind: 'empty-page' } : null
    expect(await archive.sync()).toMatchObject({ removed: 0 })
    expect(archive.notes).toEqual([
      'the list of users changed while it was read; no entry counts as removed',
    ])
    expect(await reader.countPrincipals(ORGANIZATION, 'example.com')).toBe(250)
  })

  test.each(['users', 'applications'] as const)(
    'removes no API keys of %s while these may not be listed',
    async list => {
      const { scaleway, archive, reader } = await scene()
      const [person, program] = [user(named), application({ name: 'terraform' })]
      const key = apiKey(list === 'users' ? { user_id: person.id } : { application_id: program.id })
      scaleway.users = [person]
      scaleway.applications = [program]
      scaleway.apiKeys = [key]
      await archive.sync()
      // Scaleway lists only the API keys of bearers that may be listed.
      scaleway.forbid(list)
      scaleway.apiKeys = []
      expect(await archive.sync()).toMatchObject({ removed: 0 })
      expect(await listed(reader, key)).toMatchObject([{ id: key.access_key }])
      scaleway.forbid(list, false)
      expect(await archive.sync()).toMatchObject({ removed: 1 })
      expect(await listed(reader, key)).toEqual([null])
    },
  )

  test('leaves out an item with a fault, reports its place, and removes nobody', async () => {
    const { scaleway, archive, reader } = await scene()
    const [sound, gone] = [user(named), user()]
    scaleway.users = [sound, gone]
    await archive.sync()
    scaleway.users = [sound, user({ organization_id: OTHER_ORGANIZATION }), user({ id: 'me' })]
    expect(await archive.sync()).toMatchObject({ written: 0, removed: 0 })
    expect(archive.notes).toEqual([
      `users[1].organization_id is left out: it is another Organization: ${OTHER_ORGANIZATION}`,
      'users[2].id is left out: it is not a UUID: "me"',
    ])
    expect(await listed(reader, gone)).toMatchObject([{ id: gone.id }])
  })

  test('reads the directory although the log is forbidden', async () => {
    const { scaleway, archive, reader } = await scene()
    scaleway.forbid('logs')
    scaleway.users = [user(named)]
    await expect(archive.sync()).rejects.toThrow(ScalewayError)
    expect(await reader.countPrincipals(ORGANIZATION, 'grace')).toBe(1)
    await expect(archive.sync({ thorough: false })).rejects.toThrow(/may not read the logs of/)
  })
})

test('sync sends no further request after Scaleway refused the API key for the log', async () => {
  const { scaleway, archive } = await scene()
  scaleway.add(dated(NOW - DAY))
  await archive.sync()
  archive.pass(MINUTE)
  const before = fake.requests.length
  fake.faults = () => ({ kind: 'status', status: 401, body: deniedAuthentication('not_found') })
  await expect(archive.sync()).rejects.toThrow(/does not accept the API key/)
  expect(fake.requests.slice(before).map(({ list }) => list)).toEqual(['logs'])
})

function bytesOf(name: string): string {
  const files = readdirSync(folder).filter(file => file.startsWith(name))
  return files.map(file => readFileSync(join(folder, file)).toString('latin1')).join()
}

describe('Scaleway itself', () => {
  const SCALEWAY = uuid(77)
  const DEFAULTS = ['Administrators', 'Editors', 'Billing Administrators']

  /** Adds groups with the events of their creation, one millisecond apart. */
  function make(
    { scaleway }: Scene,
    bearer: string,
    names: readonly string[],
    start = NOW - 300 * DAY,
    organizationId = ORGANIZATION,
  ): void {
    const groups = names.map(name => group({ name, organization_id: organizationId }))
    scaleway.groups = [...scaleway.groups, ...groups]
    scaleway.add(
      ...groups.map(({ id }, place) =>
        dated(start + place * MILLISECOND, {
          bearer_id: bearer,
          resource_type: 'group',
          resource_id: id,
          organization_id: organizationId,
        }),
      ),
    )
  }

  test('is the creator of the default groups, for every viewer, in that Organization only', async () => {
    const set = await scene('learned.db')
    make(set, SCALEWAY, DEFAULTS)
    const elsewhere = fake.organization(OTHER_ORGANIZATION)
    elsewhere.add(dated(NOW, { bearer_id: SCALEWAY, organization_id: OTHER_ORGANIZATION }))
    expect(await set.archive.sync()).toMatchObject({ scalewayId: SCALEWAY })
    const other = await set.archive.sync({ organizationId: OTHER_ORGANIZATION })
    expect(other).toMatchObject({ scalewayId: null, added: 1 })
    const app = await openApp({ file: join(folder, 'learned.db') })
    opened.push({ close: async () => app.store.close() })
    const selection = `query ($id: ID!) { organization(id: $id) {
      events(last: 1) { nodes { principal { __typename id: principalId name } } }
      principals(search: "scale") { totalCount nodes { __typename id: principalId } } } }`
    const both = [ORGANIZATION, OTHER_ORGANIZATION]
    const auditor = await app.token(['AuditTrailReadOnly'], both)
    for (const token of [await app.token([], both), auditor]) {
      const { data } = await app.ask(selection, { id: ORGANIZATION }, token)
      expect(data.organization).toEqual({
        events: {
          nodes: [
            { principal: { __typename: 'ScalewayPrincipal', id: SCALEWAY, name: 'Scaleway' } },
          ],
        },
        principals: { totalCount: 1, nodes: [{ __typename: 'ScalewayPrincipal', id: SCALEWAY }] },
      })
      const other = await app.ask(selection, { id: OTHER_ORGANIZATION }, token)
      expect(other.data.organization).toEqual({
        events: {
          nodes: [{ principal: { __typename: 'UnknownPrincipal', id: SCALEWAY, name: 'Unknown' } }],
        },
        principals: { totalCount: 0, nodes: [] },
      })
    }
  })

  test('is not a listed user, even if it created one or all groups of these names', async () => {
    const set = await scene()
    const [person, admin] = [user(), user()]
    set.scaleway.users = [person, admin]
    make(set, person.id, ['Editors'])
    expect(await set.archive.sync()).toMatchObject({ scalewayId: null })
    make(set, admin.id, DEFAULTS)
    expect(await set.archive.sync()).toMatchObject({ scalewayId: null })
    make(set, SCALEWAY, DEFAULTS.slice(1), NOW - 200 * DAY)
    expect(await set.archive.sync()).toMatchObject({ scalewayId: SCALEWAY })
  })

  test.each(['users', 'applications'] as const)(
    'is not learned while %s may not be listed',
    async list => {
      const set = await scene()
      make(set, SCALEWAY, DEFAULTS)
      set.scaleway.forbid(list)
      expect(await set.archive.sync()).toMatchObject({ scalewayId: null })
      set.scaleway.forbid(list, false)
      expect(await set.archive.sync()).toMatchObject({ scalewayId: SCALEWAY })
    },
  )

  test('is not the creator of one default group, nor of two with much time between', async () => {
    const set = await scene()
    make(set, uuid(78), ['Editors'])
    make(set, uuid(79), ['Editors', 'Editors'])
    make(set, uuid(80), ['Administrators'], NOW - 200 * DAY)
    make(set, uuid(80), ['Editors'], NOW - 100 * DAY)
    expect(await set.archive.sync()).toMatchObject({ scalewayId: null })
  })

  test.each([
    [['Administrators', 'Editors'], 3_600_000_000, true],
    [['Editors', 'Billing Administrators'], 3_600_000_000, true],
    [['Billing Administrators', 'Administrators'], 3_600_000_000, true],
    [['Administrators', 'Editors'], 3_600_000_001, false],
    [['Administrators', 'Viewers'], 0, false],
    [['Administrators', 'administrators'], 0, false],
  ] as const)(
    'is the creator of %j, %i microseconds apart: %s',
    async ([first, second], later, isScaleway) => {
      const set = await scene()
      make(set, SCALEWAY, [first], NOW - 200 * DAY)
      make(set, SCALEWAY, [second], NOW - 200 * DAY + later)
      const scalewayId = isScaleway ? SCALEWAY : null
      expect(await set.archive.sync()).toMatchObject({ scalewayId })
      // The next run finds the same.
      expect(await set.archive.sync()).toMatchObject({ scalewayId })
    },
  )

  test('is not learned from updates of the default groups, nor from an empty ID of their creator', async () => {
    const set = await scene()
    const groups = DEFAULTS.map(name => group({ name }))
    set.scaleway.groups = groups
    const about = (bearer: string, action: string) =>
      groups.map(({ id }, place) =>
        dated(NOW - 100 * DAY + place * MILLISECOND, {
          ...{ bearer_id: bearer, action, resource_type: 'group', resource_id: id },
        }),
      )
    set.scaleway.add(...about(SCALEWAY, 'updated'), ...about('', 'created'))
    expect(await set.archive.sync()).toMatchObject({ scalewayId: null })
    expect(await set.reader.directory([{ organizationId: ORGANIZATION, id: SCALEWAY }])).toEqual([
      null,
    ])
  })

  test('is the earlier of two possible creators', async () => {
    const set = await scene()
    make(set, uuid(78), DEFAULTS, NOW - 100 * DAY)
    expect(await set.archive.sync()).toMatchObject({ scalewayId: uuid(78) })
    make(set, SCALEWAY, DEFAULTS, NOW - 300 * DAY)
    expect(await set.archive.sync()).toMatchObject({ scalewayId: SCALEWAY })
    const keys = [SCALEWAY, uuid(78)].map(id => ({ organizationId: ORGANIZATION, id }))
    expect(await set.reader.directory(keys)).toMatchObject([{ kind: 'scaleway' }, null])
  })

  test('stays known when the groups may no longer be listed, or were deleted', async () => {
    const set = await scene()
    const known = [{ organizationId: ORGANIZATION, id: SCALEWAY }]
    make(set, SCALEWAY, DEFAULTS)
    await set.archive.sync()
    set.scaleway.forbid('groups')
    expect(await set.archive.sync()).toMatchObject({ scalewayId: null, forbidden: 1 })
    expect(await set.reader.directory(known)).toMatchObject([{ kind: 'scaleway' }])
    set.scaleway.forbid('groups', false)
    set.scaleway.groups = []
    await set.archive.sync()
    expect(await set.reader.directory(known)).toMatchObject([{ kind: 'scaleway' }])
  })
})

describe('the rights of a token of a principal', () => {
  const person = user()
  const self = { organizationId: ORGANIZATION, principalId: person.id }
  const [byUser, byGroup] = [policy({ user_id: person.id }), policy({ group_id: uuid(500) })]
  const team = group({ id: uuid(500), user_ids: [person.id] })

  /** An Organization with one event, these policies with their rules, and a token with the rights of the person. */
  async function rights(...policies: readonly (readonly [WireItem, Record<string, unknown>])[]) {
    const set = await scene()
    set.scaleway.users = [person]
    set.scaleway.groups = [team]
    set.scaleway.policies = policies.map(([policy]) => policy)
    for (const [{ id }, granted] of policies) set.scaleway.rules.set(String(id), [granted])
    set.scaleway.add(dated(NOW - DAY))
    const { token, hash } = newToken({ name: null, grants: [self], expiresAt: null }, 0)
    await set.archive.store.tokens.create(token, hash)
    return {
      ...set,
      /** The memberships of the token after another run. */
      async synced() {
        set.archive.pass(MINUTE)
        await set.archive.sync()
        return (await set.archive.store.tokens.find(hash))?.viewer.memberships
      },
    }
  }

  const granting = (...permission_set_names: string[]) => rule({ permission_set_names })
  const sees = (...permissionSets: string[]) => [
    { organizationId: ORGANIZATION, owner: false, permissionSets },
  ]

  test('follow the policies of the principal and of its groups', async () => {
    const set = await rights(
      [byUser, granting('IAMUserReadOnly')],
      [byGroup, granting('IAMReadOnly', 'AllProductsFullAccess')],
    )
    const all = sees('AllProductsFullAccess', 'IAMReadOnly', 'IAMUserReadOnly')
    expect(await set.synced()).toEqual(all)
    set.scaleway.groups = [{ ...team, user_ids: [] }]
    expect(await set.synced()).toEqual(sees('IAMUserReadOnly'))
    set.scaleway.groups = [{ ...team, user_ids: [], all_users: true }]
    expect(await set.synced()).toEqual(all)
  })

  test('end with the policy, when it is no longer listed or when its deletion is in the log', async () => {
    const set = await rights([byUser, granting('IAMReadOnly')], [byGroup, granting('IAMManager')])
    expect(await set.synced()).toEqual(sees('IAMManager', 'IAMReadOnly'))
    set.scaleway.policies = [byUser]
    expect(await set.synced()).toEqual(sees('IAMReadOnly'))
    set.scaleway.policies = []
    set.scaleway.forbid('policies')
    expect(await set.synced()).toEqual(sees('IAMReadOnly'))
    const deletion = { action: 'deleted', resource_type: 'policy', resource_id: String(byUser.id) }
    set.scaleway.add(dated(set.archive.now(), deletion))
    expect(await set.synced()).toEqual(sees())
  })

  test('stay unchanged while rules may not be read, which is reported once', async () => {
    const set = await rights([byUser, granting('IAMReadOnly')], [byGroup, granting('IAMManager')])
    const before = await set.synced()
    expect(before).toEqual(sees('IAMManager', 'IAMReadOnly'))
    set.scaleway.forbid('rules')
    set.scaleway.policies = [{ ...byUser, name: 'renamed' }, byGroup]
    expect(await set.synced()).toEqual(before)
    expect(set.archive.notes).toHaveLength(1)
    const renamed = await set.reader.directory([{ organizationId: ORGANIZATION, id: byUser.id }])
    expect(renamed).toMatchObject([{ name: 'renamed', permissionSets: ['IAMReadOnly'] }])
  })

  test('end at the next run if the policy was deleted between the requests for its list and its rules', async () => {
    const set = await rights([byUser, granting('IAMReadOnly')], [byGroup, granting('IAMManager')])
    await set.synced()
    fake.faults = ({ list, query }) => {
      if (list === 'rules' && query.get('policy_id') === byUser.id) {
        set.scaleway.policies = [byGroup]
        set.scaleway.rules.delete(byUser.id)
      }
      return null
    }
    expect(await set.synced()).toEqual(sees('IAMManager', 'IAMReadOnly'))
    expect(set.archive.notes).toEqual([])
    fake.faults = []
    expect(await set.synced()).toEqual(sees('IAMManager'))
  })

  test('are none for a locked or removed user, and all for an Owner', async () => {
    const set = await rights([byUser, granting('IAMReadOnly')])
    set.scaleway.users = [{ ...person, locked: true }]
    expect(await set.synced()).toEqual([])
    set.scaleway.users = [{ ...person, type: 'owner' }]
    expect(await set.synced()).toEqual([{ ...sees('IAMReadOnly')[0], owner: true }])
    set.scaleway.users = [person]
    expect(await set.synced()).toEqual(sees('IAMReadOnly'))
    set.scaleway.users = [user()]
    expect(await set.synced()).toEqual([])
  })

  test('do not include rules for Projects, with a condition, of another Organization, invalid, or of others', async () => {
    const sets = { permission_set_names: ['IAMReadOnly'] }
    const set = await rights(
      [byUser, rule({ ...sets, project_ids: [uuid(9)] })],
      [byGroup, rule({ ...sets, condition: "request.user_agent == 'curl'" })],
      [policy({ user_id: person.id }), rule({ ...sets, organization_id: OTHER_ORGANIZATION })],
      [policy({ user_id: person.id }), rule({ ...sets, permission_set_names: 'all' })],
      [policy({ user_id: user().id }), rule(sets)],
    )
    expect(await set.synced()).toEqual(sees())
    expect(set.archive.notes).toHaveLength(1)
    expect(set.archive.notes[0]).toMatch(/of policy \S+ grants nothing here: it is not an array/)
  })

  test('decide whether the graph returns events, from the next sync on', async () => {
    const set = await scene('rights.db')
    set.scaleway.users = [person]
    set.scaleway.policies = [byUser]
    set.scaleway.rules.set(byUser.id, [granting('IAMReadOnly')])
    set.scaleway.add(dated(NOW - DAY))
    const app = await openApp({ file: join(folder, 'rights.db') })
    opened.push({ close: async () => app.store.close() })
    const { token, hash, secret } = newToken({ name: null, grants: [self], expiresAt: null }, 0)
    await app.store.tokens.create(token, hash)
    const shown = async () => {
      const { data } = await app.ask('{ organizations { events { totalCount } } }', {}, secret)
      return data.organizations
    }
    await set.archive.sync()
    expect(await shown()).toEqual([{ events: { totalCount: 1 } }])
    set.scaleway.policies = []
    await set.archive.sync()
    expect(await shown()).toEqual([])
  })
})
