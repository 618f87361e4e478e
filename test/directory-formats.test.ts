// Decoding listings of Scaleway's directory: users, applications, groups, policies and API keys, in the shapes of its
// API and of its command line, and the permission sets that the rules of a policy grant.

import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeListing, decodeRules } from '../src/scaleway/wire.ts'
import { readJsonValue } from '../src/transfer/json.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'

const RECORDED = join(import.meta.dirname, '../../shared/data/recorded')

describe('a listing of the directory', () => {
  const named = { id: uuid(1), organization_id: ORGANIZATION, name: 'n' }
  const user = { id: uuid(2), organization_id: ORGANIZATION, username: 'ada', email: 'a@b.example' }

  function listing(json: unknown, organizationId: string | null = null) {
    const decoded = decodeListing(json, organizationId)
    if ('value' in decoded) return decoded.value
    throw new Error(`${decoded.field} ${decoded.problem}`)
  }

  test('of users is decoded with every field', () => {
    const created = '2026-01-02T03:04:05.000006Z'
    const full = {
      ...user,
      first_name: 'Ada',
      last_name: 'L.',
      type: 'owner',
      mfa: true,
      locked: false,
    }
    const { kind, listings } = listing({
      users: [{ ...full, created_at: created, updated_at: created, last_login_at: null }],
      total_count: 1,
    })
    expect(kind).toBe('user')
    expect(listings).toEqual([
      {
        organizationId: ORGANIZATION,
        kind: 'user',
        complete: true,
        entries: [
          {
            kind: 'user',
            id: uuid(2),
            organizationId: ORGANIZATION,
            name: 'Ada L.',
            username: 'ada',
            email: 'a@b.example',
            firstName: 'Ada',
            lastName: 'L.',
            type: 'owner',
            mfa: true,
            locked: false,
            createdAt: at(created),
            updatedAt: at(created),
            lastLoginAt: null,
          },
        ],
      },
    ])
  })

  test('names a user by first and last name, else by username, email address or ID', () => {
    const names = [
      { first_name: 'Ada', last_name: '' },
      { first_name: '', last_name: null },
      { username: '' },
      { username: '', email: '' },
    ].map(change => listing({ users: [{ ...user, ...change }] }).listings[0]?.entries[0]?.name)
    expect(names).toEqual(['Ada', 'ada', 'a@b.example', uuid(2)])
  })

  test('that is a bare array is refused if its kind is unclear', () => {
    for (const unclear of [[], [named], [user, { ...named, nb_rules: 1 }]]) {
      expect(() => listing(unclear)).toThrow(
        'listing does not show which kind of entries it has: give one of {"users":[…]}, {"applications":[…]}',
      )
    }
  })

  test('with an invalid entry reports it, and is not complete', () => {
    const broken = listing({ groups: [named, { ...named, id: 'x' }, null], total_count: 3 })
    expect(broken.listings.map(({ entries, complete }) => [entries.length, complete])).toEqual([
      [1, false],
    ])
    expect(broken.problems).toEqual([
      { field: 'groups[1].id', problem: 'is not a UUID: "x"' },
      { field: 'groups[2]', problem: 'is not a JSON object' },
    ])
  })

  test('is split by Organization, and has none if it is empty', () => {
    const policies = [named, { ...named, organization_id: OTHER_ORGANIZATION }]
    const organizations = listing({ policies }).listings.map(({ organizationId }) => organizationId)
    expect(organizations).toEqual([ORGANIZATION, OTHER_ORGANIZATION])
    for (const empty of [[], null]) {
      const decoded = { kind: 'group', listings: [], complete: true, problems: [] }
      expect(listing({ groups: empty, total_count: 0 })).toEqual(decoded)
    }
  })

  test('of groups has their members; flags missing in older responses are false', () => {
    const groups = [
      { ...named, user_ids: [uuid(10).toUpperCase()], application_ids: null },
      { ...named, application_ids: [uuid(11)], all_users: true, all_applications: false },
      { ...named, user_ids: [uuid(10), 'ada'] },
    ]
    const { listings, problems } = listing({ groups })
    const group = {
      kind: 'group',
      id: uuid(1),
      organizationId: ORGANIZATION,
      name: 'n',
      updatedAt: null,
    }
    const noMembers = { userIds: [], applicationIds: [], allUsers: false, allApplications: false }
    expect(listings[0]?.entries).toEqual([
      { ...group, createdAt: null, ...noMembers, userIds: [uuid(10)] },
      { ...group, createdAt: null, ...noMembers, applicationIds: [uuid(11)], allUsers: true },
    ])
    expect(problems).toEqual([{ field: 'groups[2].user_ids[1]', problem: 'is not a UUID: "ada"' }])
  })

  test('of policies has the principals or groups that hold them, but no permission sets, which are in their rules', () => {
    const holders = [
      { user_id: uuid(10).toUpperCase(), group_id: null, application_id: '' },
      { application_id: uuid(11) },
      { group_id: uuid(12) },
      { no_principal: true },
      {},
    ]
    const policies = holders.map(holder => ({ ...named, ...holder }))
    const policy = {
      kind: 'policy',
      id: uuid(1),
      organizationId: ORGANIZATION,
      name: 'n',
      updatedAt: null,
    }
    expect(listing({ policies }).listings[0]?.entries).toEqual(
      [
        { kind: 'user', id: uuid(10) },
        { kind: 'application', id: uuid(11) },
        { kind: 'group', id: uuid(12) },
        null,
        null,
      ].map(holder => ({ ...policy, createdAt: null, holder, permissionSets: null })),
    )
    const unclear = [
      { ...named, user_id: uuid(10), group_id: uuid(12) },
      { ...named, user_id: uuid(10), no_principal: true },
    ]
    expect(listing({ policies: unclear }).problems).toEqual([
      { field: 'policies[0].group_id', problem: 'is given together with user_id' },
      { field: 'policies[1].no_principal', problem: 'is true together with user_id' },
    ])
  })

  test('of API keys never contains their secret, and belongs to the given Organization', () => {
    const key = { access_key: 'SCWAAAAAAAAAAAAAAAAA', user_id: uuid(10), application_id: null }
    const secret = uuid(99)
    const dated = { created_at: '2026-01-02T03:04:05.000006Z', expires_at: '2027-01-02T03:04:05Z' }
    const api_keys = [
      { ...key, ...dated, description: 'CI', secret_key: secret },
      { access_key: 'SCWBBBBBBBBBBBBBBBBB', application_id: uuid(11), description: '' },
      { access_key: 'SCWCCCCCCCCCCCCCCCCC', expires_at: null },
    ]
    const { kind, listings, complete, problems } = listing(
      { api_keys, total_count: 3 },
      ORGANIZATION,
    )
    expect([kind, complete, problems, listings.length]).toEqual(['api_key', true, [], 1])
    const apiKey = { kind: 'api_key', organizationId: ORGANIZATION, updatedAt: null }
    expect(listings[0]?.entries).toEqual([
      {
        ...apiKey,
        id: 'SCWAAAAAAAAAAAAAAAAA',
        name: 'CI',
        description: 'CI',
        bearer: { kind: 'user', id: uuid(10) },
        createdAt: at('2026-01-02T03:04:05.000006Z'),
        expiresAt: at('2027-01-02T03:04:05Z'),
      },
      {
        ...apiKey,
        id: 'SCWBBBBBBBBBBBBBBBBB',
        name: 'SCWBBBBBBBBBBBBBBBBB',
        description: null,
        bearer: { kind: 'application', id: uuid(11) },
        createdAt: null,
        expiresAt: null,
      },
      {
        ...apiKey,
        id: 'SCWCCCCCCCCCCCCCCCCC',
        name: 'SCWCCCCCCCCCCCCCCCCC',
        description: null,
        bearer: null,
        createdAt: null,
        expiresAt: null,
      },
    ])
    expect(JSON.stringify(listings)).not.toContain(secret)
    expect(listing({ api_keys: [key] })).toMatchObject({
      listings: [],
      complete: false,
      problems: [{ field: 'api_keys[0].organization_id', problem: 'is missing' }],
    })
  })

  test('for a given Organization is a single one, even if it is empty, and reports entries of another Organization', () => {
    const empty = { organizationId: ORGANIZATION, kind: 'group', entries: [], complete: true }
    expect(listing({ groups: [] }, ORGANIZATION).listings).toEqual([empty])
    const foreign = { ...named, organization_id: OTHER_ORGANIZATION }
    const { organization_id: _, ...bare } = named
    const mixed = listing({ groups: [named, foreign, bare], total_count: 3 }, ORGANIZATION)
    expect(mixed.listings.map(({ organizationId }) => organizationId)).toEqual([ORGANIZATION])
    expect(mixed.listings[0]?.entries).toHaveLength(2)
    expect([mixed.complete, mixed.problems]).toEqual([
      false,
      [
        {
          field: 'groups[1].organization_id',
          problem: `is another Organization: ${OTHER_ORGANIZATION}`,
        },
      ],
    ])
  })

  /** All dates differ, so that a date from a wrong field is noticed. */
  const dates = {
    created_at: '2026-01-01T00:00:00.000001Z',
    updated_at: '2026-01-02T00:00:00.000002Z',
  }
  const [createdAt, updatedAt] = [dates.created_at, dates.updated_at].map(at)

  test.each([
    [
      'users',
      { ...user, ...dates, last_login_at: '2026-01-03T00:00:00.000003Z', mfa: false, locked: true },
      {
        createdAt,
        updatedAt,
        lastLoginAt: at('2026-01-03T00:00:00.000003Z'),
        mfa: false,
        locked: true,
      },
    ],
    [
      'applications',
      { ...named, ...dates, description: 'for CI', managed: true },
      { createdAt, updatedAt, description: 'for CI', managed: true, name: 'n' },
    ],
    ['groups', { ...named, ...dates }, { createdAt, updatedAt }],
    ['policies', { ...named, ...dates }, { createdAt, updatedAt }],
    [
      'api_keys',
      { ...named, ...dates, access_key: 'SCWA', expires_at: '2026-01-03T00:00:00.000003Z' },
      { createdAt, updatedAt, expiresAt: at('2026-01-03T00:00:00.000003Z') },
    ],
  ])(
    'of %s has each date and flag from its own field, and a name for an entry without one',
    (list, item, entry) => {
      expect(listing({ [list]: [item] }).listings[0]?.entries).toMatchObject([entry])
      const nameless = { ...item, name: '' }
      expect(listing({ [list]: [nameless] }).listings[0]?.entries[0]?.name).toBe(
        { users: 'ada', api_keys: 'SCWA' }[list] ?? named.id,
      )
    },
  )

  test.each([
    ['users', 'username', 1024],
    ['users', 'email', 1024],
    ['users', 'first_name', 1024],
    ['users', 'last_name', 1024],
    ['users', 'type', 100],
    ['applications', 'name', 1024],
    ['applications', 'description', 1024],
    ['groups', 'name', 1024],
    ['policies', 'name', 1024],
    ['api_keys', 'access_key', 255],
    ['api_keys', 'description', 1024],
  ])('of %s accepts a %s of at most %i characters', (list, field, limit) => {
    const item = { ...named, ...user, access_key: 'SCWA' }
    const problemsAt = (length: number) =>
      listing({ [list]: [{ ...item, [field]: 'x'.repeat(length) }] }).problems
    expect(problemsAt(limit)).toEqual([])
    expect(problemsAt(limit + 1)).toEqual([
      {
        field: `${list}[0].${field}`,
        problem: `is longer than ${limit.toLocaleString('en')} characters`,
      },
    ])
  })

  test('that is a bare array is recognised by any one field that no other kind has', () => {
    const kinds = [
      { username: 'ada' },
      { email: 'a@b.example' },
      { nb_api_keys: 0 },
      { user_ids: [] },
      { application_ids: [] },
      { nb_rules: 0 },
      { no_principal: true },
      { access_key: 'SCWA' },
    ].map(mark => listing([{ ...named, ...mark }]).kind)
    expect(kinds.join(' ')).toBe('user user application group group policy policy api_key')
  })

  test('is complete if its total is its number of entries or missing, and not if the total differs or is not a number', () => {
    const groups = [named, { ...named, id: uuid(3) }]
    const complete = [2, '2', 1, 3, 'two', null, undefined].map(
      total_count => listing({ groups, total_count }).complete,
    )
    expect(complete).toEqual([true, true, false, false, false, true, true])
  })

  test('of an unknown shape is refused with a message that says what is wrong', () => {
    expect(() => listing({ total_count: 0 })).toThrow('listing contains no list: give one of')
    expect(() => listing({ users: [], groups: [] })).toThrow('listing contains several lists')
    expect(() => listing({ users: {} })).toThrow('users is not an array')
    expect(() => listing('users')).toThrow('listing is neither a JSON object nor an array')
  })
})

test('rules grant the permission sets that apply to the whole Organization without a condition', () => {
  const unrestricted = { organization_id: ORGANIZATION.toUpperCase(), condition: '' }
  const { permissionSets, problems } = decodeRules(
    [
      { ...unrestricted, permission_set_names: ['IAMReadOnly', 'AuditTrailReadOnly'] },
      { ...unrestricted, permission_set_names: ['IAMReadOnly'], condition: null, project_ids: [] },
      { ...unrestricted, permission_set_names: null },
      { ...unrestricted, permission_set_names: ['Conditional'], condition: 'request.time < x' },
      { ...unrestricted, permission_set_names: ['Blank'], condition: ' ' },
      { permission_set_names: ['Projects'], project_ids: [uuid(1)] },
      { ...unrestricted, permission_set_names: ['Both'], project_ids: [uuid(1)] },
      { permission_set_names: ['Elsewhere'], organization_id: OTHER_ORGANIZATION },
      { permission_set_names: ['Account'], account_root_user_id: uuid(1) },
      { permission_set_names: ['Nowhere'] },
      { ...unrestricted, permission_set_names: ['Fine', 7] },
      null,
    ],
    ORGANIZATION,
  )
  expect(permissionSets).toEqual(['AuditTrailReadOnly', 'IAMReadOnly'])
  expect(problems).toEqual([
    { field: 'rules[10].permission_set_names[1]', problem: 'is not a string: "7"' },
    { field: 'rules[11]', problem: 'is not a JSON object' },
  ])
})

describe.skipIf(!existsSync(RECORDED))('a recorded response of Scaleway', () => {
  test.each([
    ['users', 'user', 9],
    ['applications', 'application', 15],
    ['groups', 'group', 0],
    ['policies', 'policy', 22],
  ])('that lists %s is decoded completely', async (name, kind, count) => {
    const input = createReadStream(join(RECORDED, `${name}.json`))
    const decoded = decodeListing(await readJsonValue(input, 64 * 1024 * 1024))
    if (!('value' in decoded)) throw new Error(decoded.problem)
    const { listings, complete, problems } = decoded.value
    expect([decoded.value.kind, complete, problems]).toEqual([kind, true, []])
    expect(listings.flatMap(({ entries }) => entries)).toHaveLength(count)
  })
})
