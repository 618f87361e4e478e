// Tests of the store that every database must pass (src/store.ts). `npm run test:long` generates many more histories.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  comparePositions,
  type Event,
  type EventQuery,
  FEED_START,
  type Position,
  type RecordedEvent,
} from '../../src/event.ts'
import type { LogReader } from '../../src/log-reader.ts'
import type { DirectoryEntry } from '../../src/principal.ts'
import type { AuditStore } from '../../src/store.ts'
import type { AccessGrant, KeptSession, Person } from '../../src/viewer.ts'
import { visibilityOf } from '../../src/visibility.ts'
import {
  arbitraryEvent,
  arbitraryFilter,
  at,
  event,
  matches,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  query,
  uuid,
} from './events.ts'
import { LONG } from './long.ts'
import { closedAfterEach } from './opened.ts'
import { application, user } from './people.ts'
import { owner, ownerOf, viewerWith } from './viewers.ts'

/** The default number of histories for each property. */
const RUNS = LONG ? 1_000 : 80

const stranger = visibilityOf({ id: 'stranger', name: null, memberships: [] })

/** Reads all pages, from the beginning or the end; `between` runs after each page. */
async function walkPages(
  reader: LogReader,
  part: Partial<EventQuery>,
  between: () => Promise<void> = async () => {},
): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = []
  let edge: Position | null = null
  for (;;) {
    const cursor: Partial<EventQuery> = part.fromEnd ? { before: edge } : { after: edge }
    const page = await reader.events(query({ ...part, ...cursor }))
    if (part.fromEnd) all.unshift(...page.events)
    else all.push(...page.events)
    if (!page.hasMore) return all
    edge = (part.fromEnd ? page.events[0] : page.events.at(-1)) ?? null
    await between()
  }
}

export function testStore(name: string, open: () => Promise<AuditStore>, runs = RUNS): void {
  describe(`${name}: the store`, () => {
    const fresh = closedAfterEach(open)

    test('stores an event unchanged, with microseconds and any text', async () => {
      const store = await fresh()
      const events = [
        event({ createdAt: at('2025-11-17T17:10:30.448542Z') }),
        event({ ipAddress: '2001:db8::7', userAgent: null, resourceId: 'SCWAAAAAAAAAAAAAAAAA' }),
        event({ ipAddress: '1.2.3' }),
        event({ ipAddress: 'fe80::1%eth0' }),
        event({ ipAddress: 'not an address', action: 'archived', category: 'saml' }),
        event({ ipAddress: null, createdAt: at('1970-01-01T00:00:00.000001Z') }),
        event({ createdAt: at('1969-12-31T23:59:59.999999Z'), principalId: 'root' }),
        event({ userAgent: `curl/8.0 ${'é'.repeat(65_000)}`, resourceId: 'x'.repeat(255) }),
      ]
      await store.append(events)
      const { events: page } = await store.reader(owner).events(query({ order: 'oldest-first' }))
      const expected = [...events].sort(comparePositions)
      expect(page.map(({ recordedAt, ...event }) => event)).toEqual(expected)
      expect(page.every(event => event.recordedAt > at('2026-01-01T00:00:00Z'))).toBe(true)
    })

    test('stores an event once, as it was first appended', async () => {
      const store = await fresh()
      const first = event()
      expect(await store.append([first, first])).toEqual({ added: 1, known: 1, expired: 0 })
      const again = { ...first, userAgent: 'another', createdAt: first.createdAt + 1 }
      expect(await store.append([again])).toEqual({ added: 0, known: 1, expired: 0 })
      const reader = store.reader(owner)
      expect(await reader.events(query())).toMatchObject({ events: [first] })
      expect(await reader.countEvents(ORGANIZATION, {})).toBe(1)
      // The principal of an event that was not stored has not acted.
      await store.append([{ ...first, principalId: uuid(404) }])
      expect(await reader.hasActed([{ organizationId: ORGANIZATION, id: uuid(404) }])).toEqual([
        false,
      ])
      expect(await reader.countPrincipals(ORGANIZATION, null)).toBe(1)
    })

    test('keeps two events apart that have the same ID in different Organizations', async () => {
      const store = await fresh()
      const mine = event({ userAgent: 'mine' })
      const theirs = { ...mine, organizationId: OTHER_ORGANIZATION, userAgent: 'theirs' }
      expect(await store.append([theirs, mine])).toEqual({ added: 2, known: 0, expired: 0 })
      const [found] = await store.reader(owner).eventsById([mine.id])
      expect(found).toMatchObject(mine)
      const keys = [
        theirs,
        { ...mine, organizationId: uuid(404) },
        { ...mine, id: uuid(404) },
        mine,
      ]
      const expected = [expect.objectContaining(theirs), null, null, expect.objectContaining(mine)]
      expect(await store.reader(owner).eventsByKey(keys)).toEqual(expected)
      const { events } = await store
        .reader(owner)
        .events(query({ organizationId: OTHER_ORGANIZATION }))
      expect(events).toMatchObject([theirs])
    })

    test('stores nothing of a batch that has an invalid event', async () => {
      const store = await fresh()
      const bad = { ...event(), createdAt: Number.NaN }
      await expect(async () => store.append([event(), bad])).rejects.toThrow()
      expect(await store.reader(owner).countEvents(ORGANIZATION, {})).toBe(0)
      expect(await store.append([event()])).toEqual({ added: 1, known: 0, expired: 0 })
    })

    test('finds nothing of an Organization for a viewer without a right to its events', async () => {
      const store = await fresh()
      await store.append([event({ id: uuid(9, 'e9999999') })])
      await store.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'user',
        entries: [user()],
        complete: true,
      })
      for (const visibility of [stranger, viewerWith('IAMUserManager'), viewerWith('Nonsense')]) {
        const reader = store.reader(visibility)
        const key = { organizationId: ORGANIZATION, id: uuid(1) }
        expect(await reader.events(query())).toEqual({ events: [], hasMore: false })
        expect(await reader.countEvents(ORGANIZATION, {})).toBe(0)
        const eventKey = { organizationId: ORGANIZATION, id: uuid(9, 'e9999999') }
        expect(await reader.eventsById([eventKey.id])).toEqual([null])
        expect(await reader.eventsByKey([eventKey])).toEqual([null])
        expect(await reader.directory([key])).toEqual([null])
        expect(await reader.directoryById([uuid(1)])).toEqual([null])
        expect(await reader.hasActed([key])).toEqual([false])
        expect(await reader.actedInById([uuid(1)])).toEqual([null])
        expect(await reader.organizations()).toEqual([])
        expect(await reader.organizationsById([ORGANIZATION])).toEqual([null])
        expect(await reader.countPrincipals(ORGANIZATION, null)).toBe(0)
      }
    })

    test('returns events in the order of the requested IDs, with null for unknown ones', async () => {
      const store = await fresh()
      const [one, two] = [event(), event()]
      await store.append([one, two])
      const reader = store.reader(owner)
      const found = await reader.eventsById([two.id, uuid(404), one.id, two.id, 'nonsense'])
      expect(found.map(event => event?.id ?? null)).toEqual([two.id, null, one.id, two.id, null])
    })

    test('returns null for an ID that cannot exist, and the right results for the other IDs of the same request', async () => {
      const store = await fresh()
      const one = event({ principalId: uuid(1) })
      await store.append([one])
      await store.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'user',
        entries: [user()],
        complete: true,
      })
      const reader = store.reader(owner)
      for (const bad of ['\0', 'a\0b', '\ud800', '', 'x'.repeat(100_000)]) {
        const keys = [bad, uuid(1)].map(id => ({ organizationId: ORGANIZATION, id }))
        const expected = [null, expect.anything()]
        expect(await reader.eventsById([bad, one.id])).toEqual(expected)
        expect(await reader.eventsByKey([{ ...one, id: bad }, one])).toEqual(expected)
        expect(await reader.organizationsById([bad, ORGANIZATION])).toEqual(expected)
        expect(await reader.directory(keys)).toEqual(expected)
        expect(await reader.directoryById([bad, uuid(1)])).toEqual(expected)
        expect(await reader.actedInById([bad, uuid(1)])).toEqual([null, ORGANIZATION])
        expect(await reader.hasActed(keys)).toEqual([false, true])
      }
    })

    test('finds the first Organization by ID that is visible and in which a principal acted', async () => {
      const store = await fresh()
      await store.append([
        event({ principalId: uuid(1) }),
        event({ principalId: uuid(2) }),
        event({ principalId: uuid(2), organizationId: OTHER_ORGANIZATION }),
        event({ principalId: uuid(3), organizationId: OTHER_ORGANIZATION }),
      ])
      const ids = [uuid(3), uuid(2), uuid(404), uuid(1), uuid(2), 'nonsense']
      expect(await store.reader(owner).actedInById(ids)).toEqual([
        OTHER_ORGANIZATION,
        ORGANIZATION,
        null,
        ORGANIZATION,
        ORGANIZATION,
        null,
      ])
      const mine = viewerWith('AuditTrailReadOnly')
      expect(await store.reader(mine).actedInById(ids)).toEqual([
        null,
        ORGANIZATION,
        null,
        ORGANIZATION,
        ORGANIZATION,
        null,
      ])
    })

    test(`returns the same pages and counts as a plain implementation, for random events and filters (${runs} histories)`, async () => {
      const store = await fresh()
      let organizations = 0
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(arbitraryEvent, { selector: event => event.id, maxLength: 60 }),
          arbitraryFilter,
          fc.record({
            limit: fc.integer({ min: 1, max: 20 }),
            order: fc.constantFrom('newest-first', 'oldest-first'),
            fromEnd: fc.boolean(),
          }),
          async (history, filter, paging) => {
            // Each history has its own Organization, so that one database is enough.
            const organizationId = uuid(++organizations, 'c0000000')
            const reader = store.reader(ownerOf(organizationId))
            const events = history.map(event => ({ ...event, organizationId }))
            // The same filter again after more events have arrived.
            for (const until of [events.length >> 1, events.length]) {
              const arrived = events.slice(0, until)
              await store.append(arrived)
              const found = sorted(arrived, paging.order).filter(event => matches(event, filter))
              const paged = await walkPages(reader, { ...paging, filter, organizationId })
              expect(paged.map(event => event.id)).toEqual(found.map(event => event.id))
              expect(await reader.countEvents(organizationId, filter)).toBe(found.length)
            }
          },
        ),
        { numRuns: runs },
      )
    })

    test(`neither repeats nor skips an event in pages while others arrive (${runs} histories)`, async () => {
      const store = await fresh()
      let organizations = 0
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(arbitraryEvent, {
            selector: event => event.id,
            minLength: 1,
            maxLength: 50,
          }),
          fc.nat(50),
          fc.record({
            limit: fc.integer({ min: 1, max: 5 }),
            order: fc.constantFrom('newest-first', 'oldest-first'),
            fromEnd: fc.boolean(),
          }),
          async (history, initial, paging) => {
            const organizationId = uuid(++organizations, 'd0000000')
            const reader = store.reader(ownerOf(organizationId))
            const events = history.map(event => ({ ...event, organizationId }))
            const first = events.slice(0, initial)
            const later = events.slice(initial)
            await store.append(first)
            const paged = await walkPages(reader, { ...paging, organizationId }, async () => {
              await store.append(later.splice(0, 2))
            })
            const ids = paged.map(event => event.id)
            expect(new Set(ids).size).toBe(ids.length)
            expect(ids).toEqual(sorted(paged, paging.order).map(event => event.id))
            for (const { id } of first) expect(ids).toContain(id)
          },
        ),
        { numRuns: runs },
      )
    })

    test(`limits pages with arrivedBy to the events that had arrived by then (${runs} histories)`, async () => {
      const store = await fresh()
      let organizations = 0
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(arbitraryEvent, {
            selector: event => event.id,
            minLength: 2,
            maxLength: 40,
          }),
          fc.nat(39),
          fc.oneof(fc.constant({}), arbitraryFilter),
          fc.record({
            limit: fc.integer({ min: 1, max: 20 }),
            order: fc.constantFrom('newest-first', 'oldest-first'),
            fromEnd: fc.boolean(),
          }),
          async (history, last, filter, paging) => {
            const organizationId = uuid(++organizations, 'a1000000')
            const reader = store.reader(ownerOf(organizationId))
            const events = history.map(event => ({ ...event, organizationId }))
            const first = events.slice(0, 1 + (last % events.length))
            await store.append(first)
            const arrivedBy = await reader.lastArrival(organizationId)
            await store.append(events.slice(first.length))
            const expected = sorted(first, paging.order).filter(event => matches(event, filter))
            const paged = await walkPages(reader, { ...paging, filter, organizationId, arrivedBy })
            expect(paged.map(event => event.id)).toEqual(expected.map(event => event.id))
          },
        ),
        { numRuns: runs },
      )
    })

    test('returns no events for an arrivedBy that is not an event of the Organization', async () => {
      const store = await fresh()
      const theirs = event({ organizationId: OTHER_ORGANIZATION })
      await store.append([event(), theirs, event()])
      const reader = store.reader(owner)
      for (const arrivedBy of [FEED_START, theirs.id, uuid(404), 'nonsense']) {
        const page = await reader.events(query({ arrivedBy }))
        expect(page, arrivedBy).toEqual({ events: [], hasMore: false })
      }
    })

    test('returns and counts none of the events that retention has deleted, for a filter that was read before', async () => {
      const store = await fresh()
      const dates = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z']
      const events = dates.map(date => event({ createdAt: at(date), userAgent: 'curl/8.0' }))
      await store.append(events)
      const reader = store.reader(owner)
      const filter = { userAgent: 'curl', principalIds: [uuid(1)] }
      const found = async () => {
        const { events } = await reader.events(query({ filter, limit: 5 }))
        return [events.map(({ id }) => id), await reader.countEvents(ORGANIZATION, filter)]
      }
      const newestFirst = events.map(({ id }) => id).reverse()
      expect(await found()).toEqual([newestFirst, 3])
      await store.dropBefore(at('2026-02-01T00:00:00Z'))
      expect(await found()).toEqual([newestFirst.slice(0, 2), 2])
    })

    test('neither repeats nor skips any of many events with the same date in pages', async () => {
      const store = await fresh()
      const createdAt = at('2026-02-02T02:02:02.222222Z')
      const events = Array.from({ length: 500 }, () => event({ createdAt }))
      await store.append([...events].reverse())
      for (const fromEnd of [false, true]) {
        const paged = await walkPages(store.reader(owner), { limit: 7, fromEnd })
        expect(paged.map(event => event.id)).toEqual(
          sorted(events, 'newest-first').map(event => event.id),
        )
      }
    })

    test('finds exactly the events that match, for common and rare values of each condition', async () => {
      const store = await fresh()
      // Enough series, addresses and resources that every way to read a page is used.
      const agentOf = (number: number) => {
        if (number % 700 === 9) return null
        return number % 500 === 3 ? 'rare/1' : `client/${number % 40}`
      }
      const events = Array.from({ length: 6000 }, (_, number) =>
        event({
          principalId: uuid(number % 90),
          userAgent: agentOf(number),
          ipAddress: number % 900 === 4 ? null : `198.51.${number % 7}.${number % 211}`,
          resourceId: uuid(number % 1200, 'a0000000'),
          action: number % 1500 === 0 ? 'deleted' : 'updated',
        }),
      )
      await store.append(events)
      const block = (...bytes: number[]) => ({
        first: Uint8Array.of(...bytes, 0),
        last: Uint8Array.of(...bytes, 255),
      })
      for (const filter of [
        { principalIds: [uuid(7)] },
        { principalIds: Array.from({ length: 30 }, (_, number) => uuid(number)) },
        { actions: ['deleted'] as const },
        { userAgent: 'rare' },
        { userAgent: 'client/3' },
        { addresses: [block(198, 51, 3)] },
        { addresses: [block(198, 51, 3)], principalIds: [uuid(7)] },
        { resourceIds: [uuid(5, 'a0000000')], userAgent: 'client' },
        { resourceIds: Array.from({ length: 40 }, (_, number) => uuid(number, 'a0000000')) },
        { principalIds: [uuid(7), uuid(8)], createdBefore: events[3000]?.createdAt ?? 0 },
        { actions: ['deleted'] as const, principalIds: [uuid(1)] },
        { addresses: [block(198, 51, 3), block(198, 51, 5)] },
        { not: { actions: ['updated'] as const } },
        { not: { actions: ['deleted'] as const, categories: ['user'] as const } },
        { not: { principalIds: [uuid(7)] } },
        { not: { principalIds: Array.from({ length: 88 }, (_, number) => uuid(number)) } },
        { not: { userAgents: ['client'] } },
        { not: { userAgents: ['client/1', 'rare'] }, principalIds: [uuid(7)] },
        { not: { addresses: [block(198, 51, 3), block(198, 51, 5)] } },
        { not: { addresses: [0, 1, 2, 4, 5, 6].map(third => block(198, 51, third)) } },
        { not: { addresses: [block(198, 51, 3)], userAgents: ['client/3'] }, userAgent: 'client' },
        { addresses: [block(198, 51, 3)], not: { addresses: [block(198, 51, 3)] } },
      ]) {
        const expected = sorted(events, 'newest-first').filter(event => matches(event, filter))
        // Short and longer pages, but not many of them.
        const within = (pages: number) => Math.ceil(expected.length / pages)
        const [short, long] = LONG ? [40, 20] : [16, 8]
        for (const limit of [Math.max(3, within(short)), Math.max(50, within(long))]) {
          const paged = await walkPages(store.reader(owner), { filter, limit })
          expect(paged.map(event => event.id)).toEqual(expected.map(event => event.id))
        }
        expect(await store.reader(owner).countEvents(ORGANIZATION, filter)).toBe(expected.length)
      }
    })

    describe('the directory', () => {
      const listing = (entries: readonly DirectoryEntry[], complete = true) => ({
        organizationId: ORGANIZATION,
        kind: 'user' as const,
        entries,
        complete,
      })
      const key = { organizationId: ORGANIZATION, id: uuid(1) }

      test('returns listed entries with all fields', async () => {
        const store = await fresh()
        expect(await store.updateDirectory(listing([user()]))).toEqual({ written: 1, removed: 0 })
        expect(await store.updateDirectory(listing([user()]))).toEqual({ written: 0, removed: 0 })
        expect(await store.reader(owner).directory([key])).toEqual([user()])
        expect(await store.reader(owner).directoryById([uuid(1), uuid(2)])).toEqual([user(), null])
      })

      test('has the last version of an entry that is listed twice', async () => {
        const store = await fresh()
        const twice = listing([user({ name: 'Former' }), user({ id: uuid(3) }), user()])
        expect(await store.updateDirectory(twice)).toEqual({ written: 2, removed: 0 })
        expect(await store.reader(owner).directory([key])).toEqual([user()])
        const [then] = await store.reader(owner).namesAt([{ ...key, at: 0 }])
        expect(then).toEqual({ entry: user(), name: 'Ada Lovelace' })
      })

      test('removes entries that are not in a complete listing, but not those missing in an incomplete one', async () => {
        const store = await fresh()
        await store.updateDirectory(listing([user()]))
        expect(await store.updateDirectory(listing([], false))).toEqual({ written: 0, removed: 0 })
        expect(await store.reader(owner).directory([key])).toEqual([user()])
        expect(await store.updateDirectory(listing([]))).toEqual({ written: 0, removed: 1 })
        expect(await store.reader(owner).directory([key])).toEqual([null])
      })

      test('removes an entry that an event says was deleted, whether the event or the listing came first', async () => {
        for (const eventFirst of [true, false]) {
          const store = await fresh()
          const deleted = event({ action: 'deleted', category: 'user', resourceId: uuid(1) })
          if (eventFirst) await store.append([deleted])
          await store.updateDirectory(listing([user()]))
          if (!eventFirst) await store.append([deleted])
          expect(await store.reader(owner).directory([key])).toEqual([null])
        }
      })

      test('has an entry that was created again after its deletion', async () => {
        const store = await fresh()
        const deleted = event({ action: 'deleted', category: 'user', resourceId: uuid(1) })
        await store.append([deleted])
        const anew = user({ createdAt: deleted.createdAt + 1 })
        await store.updateDirectory(listing([anew]))
        expect(await store.reader(owner).directory([key])).toEqual([anew])
      })

      test('keeps an entry if one with the same ID is removed from another Organization', async () => {
        const keys = [ORGANIZATION, OTHER_ORGANIZATION].map(organizationId => ({
          ...key,
          organizationId,
        }))
        for (const [organizationId, left] of [
          [ORGANIZATION, [null, 'Theirs']],
          [OTHER_ORGANIZATION, ['Ada Lovelace', null]],
        ] as const) {
          const store = await fresh()
          const names = async () => {
            const entries = await store.reader(owner).directory(keys)
            return entries.map(entry => entry?.name ?? null)
          }
          const listBoth = async () => {
            const theirs = user({ organizationId: OTHER_ORGANIZATION, name: 'Theirs' })
            await store.updateDirectory(listing([user()]))
            await store.updateDirectory({
              ...listing([theirs]),
              organizationId: OTHER_ORGANIZATION,
            })
          }
          await listBoth()
          expect(await names()).toEqual(['Ada Lovelace', 'Theirs'])
          const removed = await store.updateDirectory({ ...listing([]), organizationId })
          expect(removed).toEqual({ written: 0, removed: 1 })
          expect(await names()).toEqual(left)

          await listBoth()
          expect(await names()).toEqual(['Ada Lovelace', 'Theirs'])
          const deleted = { action: 'deleted', category: 'user', resourceId: uuid(1) }
          await store.append([event({ ...deleted, organizationId })])
          expect(await names()).toEqual(left)
          await listBoth()
          expect(await names()).toEqual(left)
        }
      })

      test('lists visible principals by name, and all others that acted as Unknown', async () => {
        const store = await fresh()
        await store.append([
          event({ principalId: uuid(1) }),
          event({ principalId: uuid(5) }),
          event({ principalId: '00000000-0000-0000-0000-000000000000' }),
        ])
        await store.updateDirectory(listing([user()]))
        await store.updateDirectory({ ...listing([application()]), kind: 'application' })
        const list = async (reader: LogReader, search: string | null = null) => {
          const listQuery = { organizationId: ORGANIZATION, search, after: null, before: null }
          const page = await reader.principals({ ...listQuery, limit: 2, fromEnd: false })
          const last = page.principals.at(-1) ?? null
          const rest = await reader.principals({
            ...listQuery,
            after: last,
            limit: 9,
            fromEnd: false,
          })
          const back = await reader.principals({ ...listQuery, limit: 9, fromEnd: true })
          const all = [...page.principals, ...(page.hasMore ? rest.principals : [])]
          expect(back.principals).toEqual(all)
          expect(await reader.countPrincipals(ORGANIZATION, search)).toBe(all.length)
          return all.map(({ kind, name, id }) => `${kind} ${name} ${id.slice(-1)}`)
        }
        expect(await list(store.reader(owner))).toEqual([
          'user Ada Lovelace 1',
          'scaleway Scaleway 0',
          'application terraform 2',
          'unknown Unknown 5',
        ])
        expect(await list(store.reader(viewerWith('AuditTrailReadOnly')))).toEqual([
          'scaleway Scaleway 0',
          'unknown Unknown 1',
          'unknown Unknown 5',
        ])
        expect(await list(store.reader(owner), 'LOVE')).toEqual(['user Ada Lovelace 1'])
        expect(await list(store.reader(owner), 'ada@example')).toEqual(['user Ada Lovelace 1'])
        expect(await list(store.reader(viewerWith('AuditTrailReadOnly')), 'Ada')).toEqual([])
      })
    })

    describe('tokens', () => {
      const hash = new Uint8Array(32).fill(7)
      const token = {
        id: 'token-1',
        name: 'console',
        createdAt: at('2026-01-01T00:00:00.000001Z'),
        expiresAt: null,
        grants: [{ organizationId: ORGANIZATION, owner: false, permissionSets: ['IAMReadOnly'] }],
      }

      test('are found by their hash until they are revoked', async () => {
        const store = await fresh()
        await store.tokens.create(token, hash)
        const account = Buffer.from(hash).toString('hex')
        const viewer = { id: 'token-1', name: 'console', account, memberships: token.grants }
        expect(await store.tokens.find(hash)).toEqual({ viewer, expiresAt: null })
        expect(await store.tokens.find(new Uint8Array(32))).toBeNull()
        expect(await store.tokens.list()).toEqual([token])
        expect(await store.tokens.revoke('token-1')).toEqual(token)
        expect(await store.tokens.find(hash)).toBeNull()
        expect(await store.tokens.revoke('token-1')).toBeNull()
      })

      test('have an expiry date with microseconds, and are listed by date of creation', async () => {
        const store = await fresh()
        const ends = { ...token, expiresAt: at('2027-02-03T04:05:06.000007Z') }
        const later = { ...token, id: 'token-0', name: null, createdAt: token.createdAt + 1 }
        await store.tokens.create(later, new Uint8Array(32).fill(8))
        await store.tokens.create(ends, hash)
        expect((await store.tokens.find(hash))?.expiresAt).toBe(ends.expiresAt)
        expect(await store.tokens.list()).toEqual([ends, later])
        expect(await store.tokens.revoke('token-1')).toEqual(ends)
        expect(await store.tokens.list()).toEqual([later])
      })

      test('stay valid when another one is revoked', async () => {
        const ids = ['token-0', 'token-1', 'token-2']
        for (const gone of ids) {
          const store = await fresh()
          for (const [number, id] of ids.entries()) {
            const createdAt = token.createdAt + number
            await store.tokens.create({ ...token, id, createdAt }, new Uint8Array(32).fill(number))
          }
          expect(await store.tokens.revoke(gone)).not.toBeNull()
          const left = ids.filter(id => id !== gone)
          expect((await store.tokens.list()).map(({ id }) => id)).toEqual(left)
          const found = []
          for (const number of ids.keys()) {
            found.push((await store.tokens.find(new Uint8Array(32).fill(number)))?.viewer.id)
          }
          expect(found).toEqual(ids.map(id => (id === gone ? undefined : id)))
        }
      })
    })

    describe('grants', () => {
      const issuer = 'https://login.example'
      const person = { issuer, subject: 'ada', name: null, groups: ['security', 'staff'] }
      const grant = (number: number, more: Partial<AccessGrant> = {}): AccessGrant => ({
        id: `grant-${number}`,
        issuer,
        holder: { kind: 'subject', name: 'ada' },
        membership: {
          organizationId: ORGANIZATION,
          owner: false,
          permissionSets: [`Set${number}`],
        },
        createdAt: at('2026-01-01T00:00:00.000001Z') + number,
        ...more,
      })
      const GRANTS = [
        grant(1),
        grant(2, { holder: { kind: 'group', name: 'staff' } }),
        grant(3, {
          membership: { organizationId: OTHER_ORGANIZATION, owner: true, permissionSets: [] },
        }),
        grant(4, { holder: { kind: 'group', name: 'ada' } }),
        grant(5, { holder: { kind: 'subject', name: 'staff' } }),
        grant(6, { issuer: 'https://other.example' }),
        grant(7, { holder: { kind: 'subject', name: 'Ada' } }),
      ]

      test('to a person and to their groups add up, for the same issuer only and until they are revoked', async () => {
        const store = await fresh()
        for (const one of GRANTS.toReversed()) await store.access.create(one)
        expect(await store.access.list()).toEqual(GRANTS)
        const rights = async (of: Person) =>
          new Map(
            (await store.access.membershipsOf(of)).map(({ organizationId, ...rest }) => [
              organizationId,
              rest,
            ]),
          )
        const both = { owner: false, permissionSets: ['Set1', 'Set2'] }
        expect(await rights(person)).toEqual(
          new Map([
            [ORGANIZATION, both],
            [OTHER_ORGANIZATION, { owner: true, permissionSets: [] }],
          ]),
        )
        const nobody = { ...person, subject: 'bob', groups: [] }
        expect(await rights(nobody)).toEqual(new Map())
        expect(await store.access.revoke('grant-1')).toEqual(GRANTS[0])
        expect(await store.access.revoke('grant-1')).toBeNull()
        expect((await rights(person)).get(ORGANIZATION)?.permissionSets).toEqual(['Set2'])
      })

      test('are not found by names and IDs that cannot be stored', async () => {
        const store = await fresh()
        await store.access.create(grant(1, { holder: { kind: 'group', name: 'a' } }))
        const groups = ['\0', '\ud800', "a'", 'b']
        expect(await store.access.membershipsOf({ ...person, groups })).toEqual([])
        expect(await store.access.revoke('\0')).toBeNull()
      })
    })

    describe('sessions', () => {
      const person = { issuer: 'https://login.example', subject: 'ada', name: 'Ada', groups: ['a'] }
      const begun = at('2026-01-01T00:00:00.000001Z')
      const session = (number: number, more: Partial<KeptSession> = {}): KeptSession => ({
        hash: Buffer.alloc(32, number),
        person,
        checkAt: begun + 5,
        validUntil: begun + 6,
        expiresAt: begun + 7 + number,
        tokens: 'encrypted',
        ...more,
      })

      test('are found by their hash until they are ended, which no later update undoes; of concurrent claims one succeeds', async () => {
        const store = await fresh()
        await store.sessions.create(session(1), begun)
        await store.sessions.create(session(2), begun)
        const found = await store.sessions.find(session(1).hash)
        expect(found).toEqual(session(1))
        const claims = [1, 2, 3].map(() => store.sessions.claim(session(1), begun + 100))
        expect((await Promise.all(claims)).filter(claimed => claimed)).toEqual([true])
        const renewed = session(1, { person: { ...person, name: null, groups: [] }, validUntil: 0 })
        await store.sessions.update(renewed)
        expect(await store.sessions.find(session(1).hash)).toEqual(renewed)
        await store.sessions.end(session(1).hash)
        await store.sessions.update(renewed)
        expect(await store.sessions.find(session(1).hash)).toBeNull()
        expect(await store.sessions.find(session(2).hash)).toEqual(session(2))
      })

      test('are deleted when they have expired; of each person only the newest twenty are kept', async () => {
        const store = await fresh()
        const other = { ...person, subject: 'bob' }
        await store.sessions.create(session(100, { person: other, expiresAt: begun + 1 }), begun)
        for (let number = 1; number <= 25; number++) {
          await store.sessions.create(session(number), begun + 2)
        }
        const found = []
        for (let number = 1; number <= 25; number++) {
          if ((await store.sessions.find(session(number).hash)) !== null) found.push(number)
        }
        expect(found).toEqual(Array.from({ length: 20 }, (_, at) => at + 6))
        expect(await store.sessions.find(session(100).hash)).toBeNull()
      })
    })

    test('lists Organizations by ID, and finds in which of them a principal acted', async () => {
      const store = await fresh()
      const [first, last] = [uuid(1, '00000000'), uuid(1, 'f0000000')]
      const ids = [first, ORGANIZATION, OTHER_ORGANIZATION, last]
      for (const organizationId of [last, OTHER_ORGANIZATION, first, ORGANIZATION]) {
        await store.append([event({ organizationId, principalId: organizationId })])
      }
      expect(await store.organizationIds()).toEqual(ids)
      expect((await store.coverages()).map(one => one.organizationId)).toEqual(ids)
      expect((await store.chains([])).map(one => one.organizationId)).toEqual(ids)
      const reader = store.reader(ownerOf(...ids))
      expect((await reader.organizations()).map(({ id }) => id)).toEqual(ids)
      const found = await reader.organizationsById([last, uuid(404), first])
      expect(found.map(one => one?.id ?? null)).toEqual([last, null, first])
      const keys = ids.flatMap(organizationId => ids.map(id => ({ organizationId, id })))
      expect(await reader.hasActed(keys)).toEqual(keys.map(one => one.id === one.organizationId))
    })

    test('stores the name of an Organization, and passes its own checks', async () => {
      const store = await fresh()
      await store.append([event(), event({ organizationId: OTHER_ORGANIZATION })])
      await store.nameOrganization({ id: ORGANIZATION, name: 'Example' })
      const organizations = [
        { id: ORGANIZATION, name: 'Example' },
        { id: OTHER_ORGANIZATION, name: null },
      ]
      expect(await store.reader(owner).organizations()).toEqual(organizations)
      expect(await store.organizationIds()).toEqual([ORGANIZATION, OTHER_ORGANIZATION])
      expect(await store.verify()).toEqual([])
      await store.check()
    })
  })
}

function sorted<T extends Event>(events: readonly T[], order: string): T[] {
  const oldestFirst = [...events].sort(comparePositions)
  return order === 'oldest-first' ? oldestFirst : oldestFirst.reverse()
}
