// The words of the domain, where each is a rule by itself: who somebody is and is called, what a membership shows, and
// what Scaleway's words for actions and categories mean.

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

describe('who stands behind an ID', () => {
  test.each<[string, DirectoryEntry | null, ReturnType<typeof scalewayIds>, object]>([
    ['nobody is Unknown', null, scalewayIds(), unknown],
    ['a user is itself', ada, scalewayIds(), ada],
    ['an application is itself', robot, scalewayIds(), robot],
    ['a group cannot act', group({ id: ID }), scalewayIds(), unknown],
    ['a policy cannot act', policy({ id: ID }), scalewayIds(), unknown],
    ['an API key cannot act', apiKey({ id: ID }), scalewayIds(), unknown],
    ['who was learned is Scaleway', learned, scalewayIds(), itself],
    ['who was learned is not, if the settings say so', learned, scalewayIds([], [ID]), unknown],
    ['nor does it matter what they say of another', learned, scalewayIds([], [uuid(2)]), itself],
    ['who is configured is Scaleway, listed nowhere', null, scalewayIds([ID]), itself],
    ['who is configured is Scaleway, also as a user', ada, scalewayIds([ID]), itself],
    ['another who is configured changes nothing', ada, scalewayIds([uuid(2)]), ada],
    ['a user is no other for being overruled', ada, scalewayIds([], [ID]), ada],
    ['what is configured goes before what is overruled', learned, scalewayIds([ID], [ID]), itself],
  ])('%s', (_, entry, ids, expected) => {
    expect(principalFor(KEY, entry, ids)).toEqual(expected)
  })

  test('no ID at all is Scaleway, whatever else is configured', () => {
    const key = { organizationId: ORGANIZATION, id: NIL_ID }
    for (const ids of [scalewayIds(), scalewayIds([ID]), scalewayIds([], [ID])]) {
      expect(principalFor(key, null, ids)).toEqual({ ...itself, id: NIL_ID })
    }
    expect(NIL_ID).toBe('00000000-0000-0000-0000-000000000000')
  })
})

describe('what it is called', () => {
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

  test.each(entries)('$entry.kind: $name', ({ entry, name }) => {
    expect(nameOf(entry)).toBe(name)
    const found: NamedEntry = { entry, name: 'formerly' }
    for (const category of ['user', 'application', 'group', 'policy', 'api_key', 'saml', '']) {
      const about = event({ category, resourceId: ID, principalId: ID })
      const same = category === entry.kind
      expect(resourceName(about, entry), category).toBe(same ? name : null)
      expect(resourceNameThen(about, found), category).toBe(same ? 'formerly' : null)
      expect(resourceNameThen(about, { entry, name: null }), category).toBeNull()
    }
  })

  test('a resource that is gone or hidden has no name, and Scaleway itself is no resource', () => {
    for (const category of ['user', 'scaleway', 'unknown']) {
      const about = event({ category, resourceId: ID })
      expect(resourceName(about, null)).toBeNull()
      expect(resourceNameThen(about, null)).toBeNull()
      expect(resourceName(about, learned)).toBeNull()
      expect(resourceNameThen(about, { entry: learned, name: 'Scaleway' })).toBeNull()
    }
  })

  test.each<[string, NamedEntry | null, ReturnType<typeof scalewayIds>, string | null]>([
    ['a user as it was called', { entry: ada, name: 'formerly' }, scalewayIds(), 'formerly'],
    ['an application, too', { entry: robot, name: 'formerly' }, scalewayIds(), 'formerly'],
    ['nobody not at all', null, scalewayIds(), null],
    ['a group not at all', { entry: group({ id: ID }), name: 'formerly' }, scalewayIds(), null],
    ['a key not at all', { entry: apiKey({ id: ID }), name: 'formerly' }, scalewayIds(), null],
    ['who was learned Scaleway', { entry: learned, name: 'formerly' }, scalewayIds(), 'Scaleway'],
    ['who is overruled not', { entry: learned, name: 'formerly' }, scalewayIds([], [ID]), null],
    ['who is configured Scaleway', { entry: ada, name: 'formerly' }, scalewayIds([ID]), 'Scaleway'],
    ['who is configured and nowhere, too', null, scalewayIds([ID]), 'Scaleway'],
  ])('who acted, when it did: %s', (_, found, ids, expected) => {
    const about = event({ principalId: ID, resourceId: uuid(2) })
    expect(principalNameThen(about, found, ids)).toBe(expected)
  })
})

describe('what a membership shows', () => {
  const sight = (owner: boolean, ...permissionSets: string[]) =>
    accessScopeOf({ organizationId: ORGANIZATION, owner, permissionSets })
  const nothing = {
    events: false,
    details: { user: false, application: false, group: false, policy: false },
    manages: false,
  }
  const everything = {
    events: true,
    details: { user: true, application: true, group: true, policy: true },
    manages: true,
  }

  test.each<[string, object]>([
    ['OrganizationManager', everything],
    ['IAMManager', everything],
    ['IAMReadOnly', { ...everything, manages: false }],
    ['AuditTrailReadOnly', { ...nothing, events: true }],
    ['AuditTrailFullAccess', { ...nothing, events: true }],
    ['IAMUserReadOnly', { ...nothing, details: { ...nothing.details, user: true } }],
    ['IAMUserManager', { ...nothing, details: { ...nothing.details, user: true } }],
    ['IAMApplicationReadOnly', { ...nothing, details: { ...nothing.details, application: true } }],
    ['IAMApplicationManager', { ...nothing, details: { ...nothing.details, application: true } }],
    ['IAMGroupReadOnly', { ...nothing, details: { ...nothing.details, group: true } }],
    ['IAMGroupManager', { ...nothing, details: { ...nothing.details, group: true } }],
    ['IAMPolicyReadOnly', { ...nothing, details: { ...nothing.details, policy: true } }],
    ['IAMPolicyManager', { ...nothing, details: { ...nothing.details, policy: true } }],
    ['ObjectStorageFullAccess', nothing],
    ['', nothing],
    ['__proto__', nothing],
  ])('%s by itself', (set, expected) => {
    expect(sight(false, set)).toEqual(expected)
    expect(sight(true, set)).toEqual(everything)
    expect(KNOWN_PERMISSION_SETS.includes(set)).toBe(expected !== nothing)
  })

  test('sets add up, in any order, and none shows nothing', () => {
    expect(sight(false)).toEqual(nothing)
    expect(sight(true)).toEqual(everything)
    const both = ['IAMGroupReadOnly', 'Nonsense', 'AuditTrailReadOnly', 'IAMUserManager']
    const expected = {
      events: true,
      details: { user: true, application: false, group: true, policy: false },
      manages: false,
    }
    expect(sight(false, ...both)).toEqual(expected)
    expect(sight(false, ...both.toReversed())).toEqual(expected)
    expect(KNOWN_PERMISSION_SETS).toHaveLength(13)
  })

  test('only Organizations whose events are shown are in sight, each by its own standing', () => {
    const standing = (organizationId: string, owner: boolean, ...permissionSets: string[]) => {
      return { organizationId, owner, permissionSets }
    }
    const { organizations } = visibilityOf({
      id: 'viewer',
      name: null,
      memberships: [
        standing(ORGANIZATION, false, 'AuditTrailReadOnly'),
        standing(OTHER_ORGANIZATION, true),
        standing(uuid(3), false, 'IAMUserManager'),
        standing(uuid(4), false),
      ],
    })
    expect([...organizations]).toEqual([
      [ORGANIZATION, { ...nothing, events: true }],
      [OTHER_ORGANIZATION, everything],
    ])
  })

  test.each<[string, DirectoryEntry, readonly (readonly string[])[]]>([
    ['a user', ada, [['IAMUserReadOnly']]],
    ['an application', robot, [['IAMApplicationReadOnly']]],
    ['a group', group(), [['IAMGroupReadOnly']]],
    ['a policy', policy(), [['IAMPolicyReadOnly']]],
    ['a key of a user', apiKey(), [['IAMUserReadOnly']]],
    [
      'a key of an application',
      apiKey({ bearer: { kind: 'application', id: ID } }),
      [['IAMApplicationReadOnly']],
    ],
    [
      'a key of which nobody says whose it is',
      apiKey({ bearer: null }),
      [['IAMUserReadOnly', 'IAMApplicationReadOnly']],
    ],
    ['Scaleway itself', learned, [[]]],
  ])('%s is shown by its own rights alone', (_, entry, enough) => {
    const rights = ['User', 'Application', 'Group', 'Policy'].map(kind => `IAM${kind}ReadOnly`)
    for (let chosen = 0; chosen < 16; chosen++) {
      const sets = rights.filter((_, bit) => chosen & (1 << bit))
      const expected = enough.some(needed => needed.every(set => sets.includes(set)))
      expect(shows(sight(false, ...sets), entry), sets.join()).toBe(expected)
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
])('the action %j is %s', (word, action) => {
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
])('the category %j is %s', (word, category) => {
  expect(categoryOf(word)).toBe(category)
})

describe('the order by date', () => {
  test('is by date, then by ID, and equal only for the same place', () => {
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

  test('is the same however places are mixed', () => {
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
