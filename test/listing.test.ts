// The directory from Scaleway's JSON: users, applications, groups and policies, as the API lists them or as
// the command line does.

import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeListing } from '../src/scaleway/wire.ts'
import { readWhole } from '../src/transfer/json.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'

const RECORDED = join(import.meta.dirname, '../../shared/data/recorded')

describe('a listing of the directory', () => {
  const named = { id: uuid(1), organization_id: ORGANIZATION, name: 'n' }
  const user = { id: uuid(2), organization_id: ORGANIZATION, username: 'ada', email: 'a@b.example' }

  function listing(json: unknown) {
    const decoded = decodeListing(json)
    if ('value' in decoded) return decoded.value
    throw new Error(`${decoded.field} ${decoded.problem}`)
  }

  test('of users, in the words of this program', () => {
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

  test('names a user by the best it has', () => {
    const names = [
      { first_name: 'Ada', last_name: '' },
      { first_name: '', last_name: null },
      { username: '' },
      { username: '', email: '' },
    ].map(change => listing({ users: [{ ...user, ...change }] }).listings[0]?.entries[0]?.name)
    expect(names).toEqual(['Ada', 'ada', 'a@b.example', uuid(2)])
  })

  test('as a bare array tells its kind by its items', () => {
    const kinds = [
      user,
      { ...named, nb_api_keys: 0 },
      { ...named, user_ids: [] },
      { ...named, nb_rules: 1 },
    ]
    expect(kinds.map(item => listing([item]).kind)).toEqual([
      'user',
      'application',
      'group',
      'policy',
    ])
    for (const unclear of [[], [named], [user, { ...named, nb_rules: 1 }]]) {
      expect(() => listing(unclear)).toThrow(
        'listing does not tell what it lists: give one of {"users":[…]}, {"applications":[…]}',
      )
    }
  })

  test('is complete only when nothing is missing and nothing is broken', () => {
    const groups = [named]
    expect(listing({ groups }).complete).toBe(true)
    expect(listing({ groups, total_count: 1 }).complete).toBe(true)
    expect(listing({ groups, total_count: 2 }).complete).toBe(false)
    const broken = listing({ groups: [named, { ...named, id: 'x' }, null], total_count: 3 })
    expect(broken.listings.map(({ entries, complete }) => [entries.length, complete])).toEqual([
      [1, false],
    ])
    expect(broken.problems).toEqual([
      { field: 'groups[1].id', problem: 'is not a UUID: "x"' },
      { field: 'groups[2]', problem: 'is not a JSON object' },
    ])
  })

  test('is told apart by Organization, and knows none where it is empty', () => {
    const policies = [named, { ...named, organization_id: OTHER_ORGANIZATION }]
    const organizations = listing({ policies }).listings.map(({ organizationId }) => organizationId)
    expect(organizations).toEqual([ORGANIZATION, OTHER_ORGANIZATION])
    for (const none of [[], null]) {
      const empty = { kind: 'group', listings: [], complete: true, problems: [] }
      expect(listing({ groups: none, total_count: 0 })).toEqual(empty)
    }
  })

  test('of no known shape is refused with what to give instead', () => {
    expect(() => listing({ total_count: 0 })).toThrow('listing holds no list: give one of')
    expect(() => listing({ users: [], groups: [] })).toThrow('listing holds several lists')
    expect(() => listing({ users: {} })).toThrow('users is not an array')
    expect(() => listing('users')).toThrow('listing is neither a JSON object nor an array')
  })
})

describe.skipIf(!existsSync(RECORDED))('what Scaleway once answered', () => {
  test.each([
    ['users', 'user', 9],
    ['applications', 'application', 15],
    ['groups', 'group', 0],
    ['policies', 'policy', 22],
  ])('lists its %s', async (name, kind, count) => {
    const input = createReadStream(join(RECORDED, `${name}.json`))
    const decoded = decodeListing(await readWhole(input, 64 * 1024 * 1024))
    if (!('value' in decoded)) throw new Error(decoded.problem)
    const { listings, complete, problems } = decoded.value
    expect([decoded.value.kind, complete, problems]).toEqual([kind, true, []])
    expect(listings.flatMap(({ entries }) => entries)).toHaveLength(count)
  })
})
