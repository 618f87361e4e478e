// Tests of sync and the feed that every database must pass: the order of arrival, windows and coverage, and rights that
// follow from the directory. Also creates groups, policies and API keys with default fields for other tests.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BEGINNING, type ReadWindow } from '../../src/coverage.ts'
import { type Event, type EventFilter, FEED_START, type FeedCursor } from '../../src/event.ts'
import type { LogReader } from '../../src/log-reader.ts'
import type { ApiKey, Group, Policy } from '../../src/principal.ts'
import type { AuditStore } from '../../src/store.ts'
import {
  arbitraryEvent,
  arbitraryFilter,
  at,
  event,
  matches,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  uuid,
} from './events.ts'
import { LONG } from './long.ts'
import { closedAfterEach } from './opened.ts'
import { user } from './people.ts'
import { owner, viewerWith } from './viewers.ts'

export function group(fields: Partial<Group> = {}): Group {
  return {
    kind: 'group',
    id: uuid(50),
    organizationId: ORGANIZATION,
    name: 'Administrators',
    createdAt: at('2025-01-01T00:00:00Z'),
    updatedAt: null,
    userIds: [],
    applicationIds: [],
    allUsers: false,
    allApplications: false,
    ...fields,
  }
}

export function policy(fields: Partial<Policy> = {}): Policy {
  return {
    kind: 'policy',
    id: uuid(60),
    organizationId: ORGANIZATION,
    name: 'audit',
    createdAt: at('2025-01-01T00:00:00Z'),
    updatedAt: null,
    holder: null,
    permissionSets: ['IAMReadOnly'],
    ...fields,
  }
}

export function apiKey(fields: Partial<ApiKey> = {}): ApiKey {
  return {
    kind: 'api_key',
    id: 'SCWAAAAAAAAAAAAAAAAA',
    organizationId: ORGANIZATION,
    name: 'for the pipeline',
    description: 'for the pipeline',
    bearer: { kind: 'user', id: uuid(1) },
    createdAt: at('2025-01-01T00:00:00Z'),
    updatedAt: null,
    expiresAt: null,
    ...fields,
  }
}

function window(from: number, until: number, fields: Partial<ReadWindow> = {}): ReadWindow {
  return { organizationId: ORGANIZATION, from, until, events: 1, readAt: 1000, ...fields }
}

/** All events after the cursor, read in pages. */
async function arrived(
  reader: LogReader,
  after: FeedCursor,
  filter: EventFilter = {},
  limit = 3,
): Promise<Event[]> {
  const all: Event[] = []
  for (let cursor = after; ; ) {
    const page = await reader.arrivals({
      organizationId: ORGANIZATION,
      filter,
      after: cursor,
      limit,
    })
    if (page === null) throw new Error(`no such cursor: ${cursor}`)
    all.push(...page.events)
    cursor = page.cursor
    if (!page.hasMore) return all
  }
}

/** The default number of databases. */
const RUNS = LONG ? 150 : 25

export function testSyncStore(name: string, open: () => Promise<AuditStore>, runs = RUNS): void {
  describe(`${name}: sync and the feed`, () => {
    const fresh = closedAfterEach(open)

    describe('the order of arrival', () => {
      test('does not depend on dates: an old event that arrives late is last', async () => {
        const store = await fresh()
        const events = [event(), event(), event()].reverse()
        await store.append(events)
        const late = event({ createdAt: at('2020-01-01T00:00:00Z') })
        await store.append([late])
        const found = await arrived(store.reader(owner), FEED_START)
        expect(found.map(({ id }) => id)).toEqual([...events, late].map(({ id }) => id))
      })

      test('has each matching event exactly once after any cursor, for random batches of two Organizations', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(fc.tuple(arbitraryEvent, fc.boolean()), { maxLength: 12 }), {
              maxLength: 8,
            }),
            arbitraryFilter,
            fc.integer({ min: 1, max: 5 }),
            fc.nat(),
            async (batches, filter, limit, chosen) => {
              const store = await open()
              try {
                const order: Event[] = []
                for (const batch of batches) {
                  const events = batch.map(([one, isOther]) =>
                    isOther ? { ...one, organizationId: OTHER_ORGANIZATION } : one,
                  )
                  await store.append(events)
                  for (const one of events) {
                    const known = order.some(({ id }) => id === one.id)
                    if (one.organizationId === ORGANIZATION && !known) order.push(one)
                  }
                }
                const reader = store.reader(owner)
                const from = order.length === 0 ? 0 : chosen % (order.length + 1)
                const cursor = from === 0 ? FEED_START : (order[from - 1]?.id ?? FEED_START)
                const found = await arrived(reader, cursor, filter, limit)
                const expected = order.slice(from).filter(one => matches(one, filter))
                expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
                expect(await reader.lastArrival(ORGANIZATION)).toBe(order.at(-1)?.id ?? FEED_START)
                expect(await store.verify()).toEqual([])
              } finally {
                await store.close()
              }
            },
          ),
          { numRuns: runs },
        )
      })

      test('is examined only in part for one page, which may be empty; its cursor continues after that part', async () => {
        const store = await fresh()
        const events = Array.from({ length: 12_000 }, () => event())
        const rare = event({ userAgent: 'rare' })
        await store.append([...events, rare])
        const reader = store.reader(owner)
        const rest = { organizationId: ORGANIZATION, filter: { userAgent: 'rare' }, limit: 10 }
        const first = await reader.arrivals({ ...rest, after: FEED_START })
        expect(first).toMatchObject({ events: [], hasMore: true })
        const second = await reader.arrivals({ ...rest, after: first?.cursor ?? '' })
        expect(second).toMatchObject({ events: [], hasMore: true })
        const third = await reader.arrivals({ ...rest, after: second?.cursor ?? '' })
        expect(third).toMatchObject({ events: [{ id: rare.id }], cursor: rare.id, hasMore: false })
      })

      test('has no page after an event of another Organization or an unknown one, and is empty for a viewer without a right to events', async () => {
        const store = await fresh()
        const elsewhere = event({ organizationId: OTHER_ORGANIZATION })
        const mine = event()
        await store.append([mine, elsewhere])
        const page = { organizationId: ORGANIZATION, filter: {}, limit: 10 }
        const reader = store.reader(owner)
        expect(await reader.arrivals({ ...page, after: elsewhere.id })).toBeNull()
        expect(await reader.arrivals({ ...page, after: uuid(999) })).toBeNull()
        expect(await reader.arrivals({ ...page, after: 'nonsense' })).toBeNull()
        const withoutEvents = store.reader(viewerWith('IAMUserReadOnly'))
        const empty = { events: [], cursor: FEED_START, hasMore: false }
        expect(await withoutEvents.arrivals({ ...page, after: FEED_START })).toEqual(empty)
        expect(await withoutEvents.arrivals({ ...page, after: mine.id })).toBeNull()
        expect(await withoutEvents.lastArrival(ORGANIZATION)).toBe(FEED_START)
        expect(await withoutEvents.coverage(ORGANIZATION)).toBeNull()
      })

      test('can be followed: nextArrival resolves when an event of any Organization arrives', async () => {
        const store = await fresh()
        const reader = store.reader(owner)
        const next = reader.nextArrival()
        await store.append([event()])
        await next
        const another = reader.nextArrival()
        await store.append([event({ organizationId: OTHER_ORGANIZATION })])
        await another
      })
    })

    describe('windows', () => {
      test('are stored with their events or not at all, and determine the coverage', async () => {
        const store = await fresh()
        const one = event({ createdAt: 50 })
        const done = [window(BEGINNING, 100), window(200, 300, { events: 0, readAt: 2000 })]
        expect(await store.appendRead([one], done)).toEqual({ added: 1, known: 0, expired: 0 })
        expect(await store.readWindows(ORGANIZATION)).toEqual(done)
        expect(await store.reader(owner).coverage(ORGANIZATION)).toEqual({
          organizationId: ORGANIZATION,
          earliest: 50,
          latest: 50,
          lastSyncedAt: 2000,
          completeUntil: 100,
          gaps: [{ from: 100, until: 200 }],
        })
        const broken = { ...event(), id: 'no UUID' }
        await expect(
          (async () => store.appendRead([broken], [window(100, 200)]))(),
        ).rejects.toThrow()
        expect(await store.readWindows(ORGANIZATION)).toEqual(done)
      })

      test('replace those they overlap, and no others', async () => {
        const store = await fresh()
        const before = [window(BEGINNING, 100), window(100, 200), window(200, 300)]
        await store.appendRead([], before)
        await store.appendRead([], [window(150, 250, { events: 7 })])
        expect(await store.readWindows(ORGANIZATION)).toEqual([
          window(BEGINNING, 100),
          window(150, 250, { events: 7 }),
        ])
        expect(await store.readWindows(OTHER_ORGANIZATION)).toEqual([])
        expect(await store.coverages()).toMatchObject([
          { organizationId: ORGANIZATION, completeUntil: 100, gaps: [{ from: 100, until: 150 }] },
        ])
      })

      test('of two Organizations do not replace each other', async () => {
        for (const [one, other] of [
          [ORGANIZATION, OTHER_ORGANIZATION],
          [OTHER_ORGANIZATION, ORGANIZATION],
        ] as const) {
          const store = await fresh()
          for (const id of [ORGANIZATION, OTHER_ORGANIZATION]) {
            await store.nameOrganization({ id, name: null })
          }
          const theirs = { organizationId: other, events: 3, readAt: 5 }
          const windows = [window(BEGINNING, 100, theirs), window(100, 200, theirs)]
          await store.appendRead([], windows)
          const own = window(50, 150, { organizationId: one })
          await store.appendRead([], [own])
          expect(await store.readWindows(other)).toEqual(windows)
          expect(await store.readWindows(one)).toEqual([own])
        }
      })
    })

    describe('the rights of a Scaleway principal', () => {
      const self = { organizationId: ORGANIZATION, id: uuid(1) }
      const held = { organizationId: ORGANIZATION, owner: false }

      async function listed(entries: (Group | Policy)[], ...users: ReturnType<typeof user>[]) {
        const store = await fresh()
        const complete = true
        const list = (kind: 'group' | 'policy') =>
          entries.filter(entry => entry.kind === kind) as (Group | Policy)[]
        await store.updateDirectory({
          organizationId: ORGANIZATION,
          kind: 'user',
          entries: users.length > 0 ? users : [user()],
          complete,
        })
        for (const kind of ['group', 'policy'] as const) {
          await store.updateDirectory({
            organizationId: ORGANIZATION,
            kind,
            entries: list(kind),
            complete,
          })
        }
        return store
      }

      test('are the permission sets of its own policies and of those of its groups together', async () => {
        const store = await listed([
          group({ userIds: [uuid(1)] }),
          group({ id: uuid(51), applicationIds: [uuid(1)], userIds: [uuid(9)] }),
          group({ id: uuid(52), allUsers: true }),
          group({ id: uuid(53), allApplications: true }),
          policy({ holder: { kind: 'user', id: uuid(1) }, permissionSets: ['A', 'B'] }),
          policy({ id: uuid(61), holder: { kind: 'group', id: uuid(50) }, permissionSets: ['C'] }),
          policy({ id: uuid(62), holder: { kind: 'group', id: uuid(51) }, permissionSets: ['no'] }),
          policy({ id: uuid(63), holder: { kind: 'group', id: uuid(52) }, permissionSets: ['B'] }),
          policy({ id: uuid(64), holder: { kind: 'group', id: uuid(53) }, permissionSets: ['no'] }),
          policy({ id: uuid(65), holder: null, permissionSets: ['no'] }),
        ])
        const membership = await store.membership(self)
        expect(membership).toEqual({ ...held, permissionSets: ['A', 'B', 'C'] })
      })

      test('are those of an Owner for an Owner, and none for a locked user, a group, an unknown ID or another Organization', async () => {
        const store = await listed(
          [group()],
          user({ type: 'owner' }),
          user({ id: uuid(3), locked: true }),
        )
        expect(await store.membership(self)).toEqual({ ...held, owner: true, permissionSets: [] })
        expect(await store.membership({ ...self, id: uuid(3) })).toBeNull()
        expect(await store.membership({ ...self, id: uuid(50) })).toBeNull()
        expect(await store.membership({ ...self, id: uuid(999) })).toBeNull()
        expect(await store.membership({ ...self, organizationId: OTHER_ORGANIZATION })).toBeNull()
      })

      test('are those of its policies for a user of any type except owner, and none for a locked Owner', async () => {
        const holder = { kind: 'user', id: uuid(1) } as const
        const sets = policy({ holder, permissionSets: ['Z', 'A', 'Z'] })
        const granted = { ...held, permissionSets: ['A', 'Z'] }
        for (const type of ['guest', null]) {
          const store = await listed([sets], user({ type, locked: null }))
          expect(await store.membership(self)).toEqual(granted)
        }
        const store = await listed([sets], user({ type: 'owner', locked: true }))
        expect(await store.membership(self)).toBeNull()
      })

      test('stay unchanged when a policy is listed without its rules', async () => {
        const holder = { kind: 'user', id: uuid(1) } as const
        const store = await listed([policy({ holder })])
        await store.updateDirectory({
          organizationId: ORGANIZATION,
          kind: 'policy',
          entries: [policy({ holder, name: 'renamed', permissionSets: null })],
          complete: true,
        })
        expect(await store.membership(self)).toEqual({ ...held, permissionSets: ['IAMReadOnly'] })
      })

      test('move to the new holder of a policy, also when it is listed without its rules', async () => {
        const store = await listed(
          [policy({ holder: { kind: 'user', id: uuid(1) } })],
          user(),
          user({ id: uuid(3) }),
        )
        const another = policy({
          ...{ holder: { kind: 'user', id: uuid(3) }, name: 'renamed', createdAt: null },
          updatedAt: at('2026-01-01T00:00:00Z'),
        })
        const entries = [{ ...another, permissionSets: null }]
        const listing = { organizationId: ORGANIZATION, kind: 'policy', complete: true } as const
        await store.updateDirectory({ ...listing, entries })
        const key = { organizationId: ORGANIZATION, id: another.id }
        expect(await store.reader(owner).directory([key])).toEqual([another])
        expect(await store.membership(self)).toEqual({ ...held, permissionSets: [] })
        expect(await store.membership({ ...self, id: uuid(3) })).toEqual({
          ...held,
          permissionSets: ['IAMReadOnly'],
        })
      })

      test('are those of a token of that principal, as they are when the token is used', async () => {
        const holder = { kind: 'user', id: uuid(1) } as const
        const store = await listed([policy({ holder })])
        const hash = new Uint8Array(32).fill(9)
        const grants = [{ organizationId: ORGANIZATION, principalId: uuid(1) }]
        const token = { id: 'token-2', name: null, createdAt: 0, expiresAt: null, grants }
        await store.tokens.create(token, hash)
        expect((await store.tokens.find(hash))?.viewer.memberships).toEqual([
          { ...held, permissionSets: ['IAMReadOnly'] },
        ])
        await store.append([event({ action: 'deleted', category: 'policy', resourceId: uuid(60) })])
        expect((await store.tokens.find(hash))?.viewer.memberships).toEqual([
          { ...held, permissionSets: [] },
        ])
        await store.updateDirectory({
          organizationId: ORGANIZATION,
          kind: 'user',
          entries: [],
          complete: true,
        })
        expect((await store.tokens.find(hash))?.viewer.memberships).toEqual([])
        expect(await store.tokens.list()).toEqual([token])
      })
    })

    describe('API keys', () => {
      test('are visible to viewers who may see their bearer, and erased when an event says they were deleted', async () => {
        const store = await fresh()
        const other = apiKey({
          id: 'SCWBBBBBBBBBBBBBBBBB',
          bearer: { kind: 'application', id: uuid(2) },
        })
        const entries = [apiKey(), other]
        await store.updateDirectory({
          organizationId: ORGANIZATION,
          kind: 'api_key',
          entries,
          complete: true,
        })
        const keys = entries.map(({ organizationId, id }) => ({ organizationId, id }))
        expect(await store.reader(owner).directory(keys)).toEqual(entries)
        const sets = ['AuditTrailReadOnly', 'IAMUserReadOnly']
        expect(await store.reader(viewerWith(...sets)).directory(keys)).toEqual([apiKey(), null])
        await store.append([
          event({ action: 'deleted', category: 'api_key', resourceId: 'SCWAAAAAAAAAAAAAAAAA' }),
        ])
        expect(await store.reader(owner).directory(keys)).toEqual([null, other])
      })
    })

    describe('a principal detected as Scaleway', () => {
      test('is listed as Scaleway in that Organization, and as Unknown in another', async () => {
        const id = uuid(77)
        const both = [ORGANIZATION, OTHER_ORGANIZATION]
        for (const organizationId of both) {
          const store = await fresh()
          await store.append(both.map(each => event({ principalId: id, organizationId: each })))
          const entries = [{ kind: 'scaleway', organizationId, id, name: 'Scaleway' } as const]
          await store.updateDirectory({ organizationId, kind: 'scaleway', entries, complete: true })
          const all = { search: null, after: null, before: null, limit: 10, fromEnd: false }
          for (const each of both) {
            const page = await store.reader(owner).principals({ organizationId: each, ...all })
            const kind = each === organizationId ? 'scaleway' : 'unknown'
            expect(page.principals).toMatchObject([{ kind, organizationId: each, id }])
          }
        }
      })

      test('is Scaleway for every viewer in that Organization, and in no other', async () => {
        const store = await fresh()
        const id = uuid(77)
        await store.append([
          event({ principalId: id }),
          event({ principalId: id, organizationId: OTHER_ORGANIZATION }),
        ])
        const detected = {
          kind: 'scaleway',
          organizationId: ORGANIZATION,
          id,
          name: 'Scaleway',
        } as const
        await store.updateDirectory({
          organizationId: ORGANIZATION,
          kind: 'scaleway',
          entries: [detected],
          complete: true,
        })
        for (const reader of [
          store.reader(owner),
          store.reader(viewerWith('AuditTrailReadOnly')),
        ]) {
          expect(await reader.directory([{ organizationId: ORGANIZATION, id }])).toEqual([detected])
          const all = { search: null, after: null, before: null, limit: 10, fromEnd: false }
          const { principals } = await reader.principals({ organizationId: ORGANIZATION, ...all })
          expect(principals).toEqual([detected])
          expect(await reader.countPrincipals(ORGANIZATION, 'scale')).toBe(1)
        }
        const elsewhere = { organizationId: OTHER_ORGANIZATION, id }
        expect(await store.reader(owner).directory([elsewhere])).toEqual([null])
        await store.updateDirectory({
          organizationId: ORGANIZATION,
          kind: 'user',
          entries: [],
          complete: true,
        })
        expect(await store.reader(owner).directory([{ organizationId: ORGANIZATION, id }])).toEqual(
          [detected],
        )
      })
    })
  })
}
