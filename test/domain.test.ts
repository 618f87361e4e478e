// Rules of the domain: who the principal of an ID is, names of principals and resources, what permission sets show, the
// meaning of Scaleway's actions and categories, and the order of events.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { actionOf, categoryOf, comparePositions, NIL_ID } from '../src/event.ts'
import {
  type DirectoryEntry,
  type NamedEntry,
  nameOf,
  principalFor,
  principalNameThen,
  resourceName,
  resourceNameThen,
  type ScalewayPrincipal,
  scalewayIds,
} from '../src/principal.ts'
import { accessScopeOf, KNOWN_PERMISSION_SETS, shows, visibilityOf } from '../src/visibility.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { apiKey, group, policy } from './support/sync-contract.ts'

const ID = uuid(1)
const KEY = { organizationId: ORGANIZATION, id: ID }
const learned: ScalewayPrincipal = { ...KEY, kind: 'scaleway', name: 'made the default groups' }
const itself = { ...KEY, kind: 'scaleway', name: 'Scaleway' }
const unknown = { ...KEY, kind: 'unknown', name: 'Unknown' }
const ada = user({ id: ID })
const robot = application({ id: ID })

describe('the principal of an ID', () => {
  test.each<[string, DirectoryEntry | null, ReturnType<typeof scalewayIds>, object]>([
    ['that is not listed is Unknown', null, scalewayIds(), unknown],
    ['of a user is the user', ada, scalewayIds(), ada],
    ['of an application is the application', robot, scalewayIds(), robot],
    ['of a group is Unknown', group({ id: ID }), scalewayIds(), unknown],
    ['of a policy is Unknown', policy({ id: ID }), scalewayIds(), unknown],
    ['of an API key is Unknown', apiKey({ id: ID }), scalewayIds(), unknown],
    ['that was learned is Scaleway', learned, scalewayIds(), itself],
    ['that was learned but is excluded is Unknown', learned, scalewayIds([], [ID]), unknown],
    [
      'that was learned, with another excluded, is Scaleway',
      learned,
      scalewayIds([], [uuid(2)]),
      itself,
    ],
    ['that is configured is Scaleway, also if it is not listed', null, scalewayIds([ID]), itself],
    ['that is configured is Scaleway, also if it is a user', ada, scalewayIds([ID]), itself],
    ['of a user, with another configured, is the user', ada, scalewayIds([uuid(2)]), ada],
    ['of a user that is excluded is the user', ada, scalewayIds([], [ID]), ada],
    ['that is configured and excluded is Scaleway', learned, scalewayIds([ID], [ID]), itself],
  ])('%s', (_, entry, ids, expected) => {
    expect(principalFor(KEY, entry, ids)).toEqual(expected)
  })

  test('that is the nil UUID is Scaleway, whatever is configured', () => {
    const key = { organizationId: ORGANIZATION, id: NIL_ID }
    for (const ids of [scalewayIds(), scalewayIds([ID]), scalewayIds([], [ID])]) {
      expect(principalFor(key, null, ids)).toEqual({ ...itself, id: NIL_ID })
    }
    expect(NIL_ID).toBe('00000000-0000-0000-0000-000000000000')
  })
})

describe('the name', () => {
  const key = apiKey({ id: ID, name: 'not this', description: 'laptop' })
  const entries = [
    { entry: user({ id: ID, name: 'Ada' }), name: 'Ada' },
    { entry: application({ id: ID, name: 'robot', description: 'not this' }), name: 'robot' },
    { entry: group({ id: ID, name: 'editors' }), name: 'editors' },
    { entry: policy({ id: ID, name: 'reading' }), name: 'reading' },
    { entry: key, name: 'laptop' },
    { entry: { ...key, description: null }, name: null },
    { entry: { ...key, description: '' }, name: '' },
  ] as const

  test.each(entries)(
    'of a resource of kind $entry.kind is $name, for events of its own category only',
    ({ entry, name }) => {
      expect(nameOf(entry)).toBe(name)
      const found: NamedEntry = { entry, name: 'formerly' }
      for (const category of ['user', 'application', 'group', 'policy', 'api_key', 'saml', '']) {
        const about = event({ category, resourceId: ID, principalId: ID })
        const same = category === entry.kind
        expect(resourceName(about, entry), category).toBe(same ? name : null)
        expect(resourceNameThen(about, found), category).toBe(same ? 'formerly' : null)
        expect(resourceNameThen(about, { entry, name: null }), category).toBeNull()
      }
    },
  )

  test('of a resource that is not listed, or that is Scaleway itself, is null', () => {
    for (const category of ['user', 'scaleway', 'unknown']) {
      const about = event({ category, resourceId: ID })
      expect(resourceName(about, null)).toBeNull()
      expect(resourceNameThen(about, null)).toBeNull()
      expect(resourceName(about, learned)).toBeNull()
      expect(resourceNameThen(about, { entry: learned, name: 'Scaleway' })).toBeNull()
    }
  })

  test.each<[string, NamedEntry | null, ReturnType<typeof scalewayIds>, string | null]>([
    ['a user has its former name', { entry: ada, name: 'formerly' }, scalewayIds(), 'formerly'],
    [
      'an application has its former name',
      { entry: robot, name: 'formerly' },
      scalewayIds(),
      'formerly',
    ],
    ['an ID that is not listed has none', null, scalewayIds(), null],
    ['a group has none', { entry: group({ id: ID }), name: 'formerly' }, scalewayIds(), null],
    ['an API key has none', { entry: apiKey({ id: ID }), name: 'formerly' }, scalewayIds(), null],
    ['a learned ID is Scaleway', { entry: learned, name: 'formerly' }, scalewayIds(), 'Scaleway'],
    ['an excluded ID has none', { entry: learned, name: 'formerly' }, scalewayIds([], [ID]), null],
    [
      'a configured user is Scaleway',
      { entry: ada, name: 'formerly' },
      scalewayIds([ID]),
      'Scaleway',
    ],
    ['a configured ID that is not listed is Scaleway', null, scalewayIds([ID]), 'Scaleway'],
  ])('of the principal at the time of an event: %s', (_, found, ids, expected) => {
    const about = event({ principalId: ID, resourceId: uuid(2) })
    expect(principalNameThen(about, found, ids)).toBe(expected)
  })
})

describe('a membership', () => {
  const scopeOf = (owner: boolean, ...permissionSets: string[]) =>
    accessScopeOf({ owner, permissionSets })
  const nothing = new Set()
  const reads = new Set(['events', 'user', 'application', 'group', 'policy'])
  const everything = new Set([...reads, 'manages'])

  test.each<[string, object]>([
    ['OrganizationManager', everything],
    ['IAMManager', everything],
    ['IAMReadOnly', reads],
    ['AuditTrailReadOnly', new Set(['events'])],
    ['AuditTrailFullAccess', new Set(['events'])],
    ['IAMUserReadOnly', new Set(['user'])],
    ['IAMUserManager', new Set(['user'])],
    ['IAMApplicationReadOnly', new Set(['application'])],
    ['IAMApplicationManager', new Set(['application'])],
    ['IAMGroupReadOnly', new Set(['group'])],
    ['IAMGroupManager', new Set(['group'])],
    ['IAMPolicyReadOnly', new Set(['policy'])],
    ['IAMPolicyManager', new Set(['policy'])],
    ['ObjectStorageFullAccess', nothing],
    ['', nothing],
    ['__proto__', nothing],
  ])(
    'with the permission set "%s" alone shows what it grants, and everything to an Owner',
    (set, expected) => {
      expect(scopeOf(false, set)).toEqual(expected)
      expect(scopeOf(true, set)).toEqual(everything)
      expect(KNOWN_PERMISSION_SETS.includes(set)).toBe(expected !== nothing)
    },
  )

  test('shows what its permission sets grant together, in any order, and nothing without any', () => {
    expect(scopeOf(false)).toEqual(nothing)
    expect(scopeOf(true)).toEqual(everything)
    const both = ['IAMGroupReadOnly', 'Nonsense', 'AuditTrailReadOnly', 'IAMUserManager']
    const expected = new Set(['events', 'group', 'user'])
    expect(scopeOf(false, ...both)).toEqual(expected)
    expect(scopeOf(false, ...both.toReversed())).toEqual(expected)
    expect(KNOWN_PERMISSION_SETS).toHaveLength(13)
  })

  test('shows its own Organization only, and only if it grants events', () => {
    const membership = (organizationId: string, owner: boolean, ...permissionSets: string[]) => {
      return { organizationId, owner, permissionSets }
    }
    const { organizations } = visibilityOf({
      id: 'viewer',
      name: null,
      memberships: [
        membership(ORGANIZATION, false, 'AuditTrailReadOnly'),
        membership(OTHER_ORGANIZATION, true),
        membership(uuid(3), false, 'IAMUserManager'),
        membership(uuid(4), false),
      ],
    })
    expect([...organizations]).toEqual([
      [ORGANIZATION, new Set(['events'])],
      [OTHER_ORGANIZATION, everything],
    ])
  })

  test.each<[string, DirectoryEntry, readonly (readonly string[])[]]>([
    ['a user', ada, [['IAMUserReadOnly']]],
    ['an application', robot, [['IAMApplicationReadOnly']]],
    ['a group', group(), [['IAMGroupReadOnly']]],
    ['a policy', policy(), [['IAMPolicyReadOnly']]],
    ['an API key of a user', apiKey(), [['IAMUserReadOnly']]],
    [
      'an API key of an application',
      apiKey({ bearer: { kind: 'application', id: ID } }),
      [['IAMApplicationReadOnly']],
    ],
    [
      'an API key without a bearer',
      apiKey({ bearer: null }),
      [['IAMUserReadOnly', 'IAMApplicationReadOnly']],
    ],
    ['Scaleway itself', learned, [[]]],
  ])('shows %s with exactly the rights that it needs', (_, entry, enough) => {
    const rights = ['User', 'Application', 'Group', 'Policy'].map(kind => `IAM${kind}ReadOnly`)
    for (let chosen = 0; chosen < 16; chosen++) {
      const sets = rights.filter((_, bit) => chosen & (1 << bit))
      const expected = enough.some(needed => needed.every(set => sets.includes(set)))
      expect(shows(scopeOf(false, ...sets), entry), sets.join()).toBe(expected)
    }
  })
})

test.each([
  ['created', 'created'],
  ['updated', 'updated'],
  ['deleted', 'deleted'],
  ['unknown', 'unknown'],
  ['Created', 'unknown'],
  ['created ', 'unknown'],
  ['api_key', 'unknown'],
  ['merged', 'unknown'],
  ['length', 'unknown'],
  ['', 'unknown'],
])('the action %j means %s', (word, action) => {
  expect(actionOf(word)).toBe(action)
})

test.each([
  ['api_key', 'api_key'],
  ['user', 'user'],
  ['application', 'application'],
  ['group', 'group'],
  ['policy', 'policy'],
  ['unknown', 'unknown'],
  ['API_KEY', 'unknown'],
  ['apikey', 'unknown'],
  ['scaleway', 'unknown'],
  ['created', 'unknown'],
  ['', 'unknown'],
])('the category %j means %s', (word, category) => {
  expect(categoryOf(word)).toBe(category)
})

describe('the order of events', () => {
  test('is by date, then by ID, and equal only for the same date and ID', () => {
    const place = (createdAt: number, id: string) => ({ createdAt, id })
    const ordered = [
      place(-5, 'z'),
      place(-1, 'b'),
      place(0, 'z'),
      place(1, 'A'),
      place(1, 'a'),
      place(1, 'a0'),
      place(1, 'b'),
      place(10, '0'),
      place(Number.MAX_SAFE_INTEGER, '0'),
    ]
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        expect(Math.sign(comparePositions(a, b)), `${i} ${j}`).toBe(Math.sign(i - j))
      }
    }
  })

  test('sorts in the same way, whatever the order was before', () => {
    const place = fc.record({
      createdAt: fc.nat(3),
      id: fc.nat(20).map(number => uuid(number * 0x1111)),
    })
    fc.assert(
      fc.property(fc.array(place), places => {
        const text = places.map(({ createdAt, id }) => `${createdAt} ${id}`)
        const sorted = [...places].sort(comparePositions)
        expect(sorted.map(({ createdAt, id }) => `${createdAt} ${id}`)).toEqual(text.sort())
        expect(places.toReversed().sort(comparePositions)).toEqual(sorted)
      }),
    )
  })
})
