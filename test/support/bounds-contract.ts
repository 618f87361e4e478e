// Tests of boundary values that every database must pass (src/store.ts): the first and last instant of a range, the last
// event of a page, equal sort keys, and more events than one page of the feed examines.

import { describe, expect, test } from 'vitest'
import { BEGINNING, type ReadWindow } from '../../src/coverage.ts'
import {
  comparePositions,
  type Event,
  type EventFilter,
  FEED_START,
  type FeedCursor,
} from '../../src/event.ts'
import type { Instant } from '../../src/instant.ts'
import type { LogReader, PrincipalQuery } from '../../src/log-reader.ts'
import type { DirectoryEntry } from '../../src/principal.ts'
import type { AuditStore } from '../../src/store.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, query, uuid } from './events.ts'
import { closedAfterEach } from './opened.ts'
import { application, user } from './people.ts'
import { apiKey, group, policy } from './sync-contract.ts'
import { owner, viewerWith } from './viewers.ts'

const HOUR = 3_600_000_000

const ids = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id)

/** All events after the cursor, and the cursors of all pages except the last. */
async function arrived(log: LogReader, filter: EventFilter, limit: number, after = FEED_START) {
  const found: string[] = []
  const cursors: FeedCursor[] = []
  for (let cursor = after; ; ) {
    const page = await log.arrivals({ organizationId: ORGANIZATION, filter, after: cursor, limit })
    if (page === null) throw new Error(`no such cursor: ${cursor}`)
    found.push(...ids(page.events))
    if (page.hasMore === (page.cursor === (await log.lastArrival(ORGANIZATION)))) {
      throw new Error(`hasMore is ${page.hasMore} at ${page.cursor}`)
    }
    if (page.hasMore && page.cursor === cursor) throw new Error(`no progress after ${cursor}`)
    cursor = page.cursor
    if (!page.hasMore) return { found, cursors }
    cursors.push(cursor)
  }
}

/** The results of every read with a filter. */
async function everyRead(log: LogReader, filter: EventFilter) {
  const counts = await log.eventCounts(ORGANIZATION, filter)
  const sum = (of: readonly { readonly events: number }[]) =>
    of.reduce((sum, { events }) => sum + events, 0)
  const pages = []
  for (const order of ['oldest-first', 'newest-first'] as const) {
    for (const fromEnd of [false, true]) {
      const { events } = await log.events(query({ filter, order, fromEnd }))
      pages.push(ids(order === 'oldest-first' ? events : [...events].reverse()))
    }
  }
  const figures = [
    await log.countEvents(ORGANIZATION, filter),
    sum(await counts.kinds()),
    sum(await counts.principals(9)),
    sum((await counts.addresses(20)).values),
    sum((await counts.userAgents(20)).values),
    sum(
      (await counts.times([Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER])).map(events => ({
        events,
      })),
    ),
  ]
  return { pages, figures, arrived: (await arrived(log, filter, 5)).found.sort() }
}

type ListName = {
  [Name in keyof EventFilter]-?: NonNullable<EventFilter[Name]> extends readonly unknown[]
    ? Name
    : never
}[keyof EventFilter]

/** The conditions whose value is a list. */
const LISTS = Object.keys({
  actions: true,
  categories: true,
  principalIds: true,
  resourceIds: true,
  addresses: true,
  userAgents: true,
} satisfies Record<ListName, true>)

/** Many batches, each with one event of each of two Organizations. */
const BATCHES = 100

export function testBounds(name: string, open: () => Promise<AuditStore>): void {
  describe(`${name}: boundary values`, () => {
    const fresh = closedAfterEach(open)

    test.each<[string, Instant]>([
      ['within a quarter of an hour', at('2026-01-01T00:07:30.000001Z')],
      ['at the start of a quarter of an hour', at('2026-01-01T00:15:00Z')],
      ['at the start of a month', at('2026-02-01T00:00:00Z')],
      ['at the end of a year', at('2025-12-31T23:59:59.999999Z')],
      ['at the epoch', 0],
      ['before the epoch', at('1969-12-31T23:45:00Z')],
      ['at the start of the first month with a partition of its own', at('2018-01-01T00:00:00Z')],
      ['at the end of the last month with a partition of its own', at('2100-01-01T00:00:00Z')],
    ])(
      'a filter includes the instant of createdAfter and excludes that of createdBefore: %s',
      async (_, instant) => {
        const store = await fresh()
        // By its ID the event before is as late in its microsecond as possible, and the others as early.
        const [before, on, after] = ['ffffffff', '00000000', '00000000'].map((prefix, step) =>
          event({ id: uuid(step + 1, prefix), createdAt: instant + step - 1 }),
        )
        if (before === undefined || on === undefined || after === undefined) throw new Error()
        await store.append([after, before, on])
        const log = store.reader(owner)
        for (const [dates, taken] of [
          [{ createdAfter: instant }, [on, after]],
          [{ createdBefore: instant }, [before]],
          [{ createdAfter: instant, createdBefore: instant + 1 }, [on]],
          [{ createdAfter: instant - 1, createdBefore: instant }, [before]],
          [{ createdAfter: instant, createdBefore: instant }, []],
          [{ createdAfter: instant + 2 }, []],
          [{ createdBefore: instant - 1 }, []],
          [{ createdAfter: instant + 1, createdBefore: instant + 2 }, [after]],
        ] as const) {
          for (const others of [{}, { principalIds: [uuid(1)], userAgent: 'curl' }]) {
            expect(await everyRead(log, { ...dates, ...others }), JSON.stringify(dates)).toEqual({
              pages: Array(4).fill(ids(taken)),
              figures: Array(6).fill(taken.length),
              arrived: ids(taken).sort(),
            })
          }
        }
        expect(await log.coverage(ORGANIZATION)).toMatchObject({
          earliest: instant - 1,
          latest: instant + 1,
        })
      },
    )

    test('events with the earliest and the latest possible date are found and counted like others', async () => {
      const store = await fresh()
      const dates = [Number.MIN_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER - 1]
      const [first, middle, last] = dates.map(createdAt => event({ createdAt }))
      if (first === undefined || middle === undefined || last === undefined) throw new Error()
      await store.append([middle, last, first])
      const log = store.reader(owner)
      for (const [filter, taken] of [
        [{}, [first, middle, last]],
        [{ createdAfter: Number.MIN_SAFE_INTEGER }, [first, middle, last]],
        [{ createdAfter: Number.MIN_SAFE_INTEGER + 1 }, [middle, last]],
        [{ createdBefore: Number.MAX_SAFE_INTEGER }, [first, middle, last]],
        [{ createdBefore: Number.MAX_SAFE_INTEGER - 1 }, [first, middle]],
        [{ createdBefore: Number.MIN_SAFE_INTEGER + 1 }, [first]],
        [{ createdBefore: Number.MIN_SAFE_INTEGER }, []],
        [{ createdAfter: Number.MAX_SAFE_INTEGER }, []],
      ] as const) {
        expect(await everyRead(log, filter), JSON.stringify(filter)).toEqual({
          pages: Array(4).fill(ids(taken)),
          figures: Array(6).fill(taken.length),
          arrived: ids(taken).sort(),
        })
      }
      expect(await store.verify()).toEqual([])
    })

    test('an empty list in a filter matches nothing in every read, and an empty list of keys finds nothing', async () => {
      const store = await fresh()
      await store.append([event(), event({ action: 'archived', category: 'saml' })])
      const log = store.reader(owner)
      for (const name of LISTS) {
        expect(await everyRead(log, { [name]: [] }), name).toEqual({
          pages: Array(4).fill([]),
          figures: Array(6).fill(0),
          arrived: [],
        })
      }
      expect(await log.eventsById([])).toEqual([])
      expect(await log.directory([])).toEqual([])
      expect(await log.namesAt([])).toEqual([])
      expect(await log.hasActed([])).toEqual([])
      expect(await log.actedInById([])).toEqual([])
      expect(await log.organizationsById([])).toEqual([])
      expect(await store.append([])).toEqual({ added: 0, known: 0, expired: 0 })
    })

    test('counts by time include an event at the start of an interval and exclude one at its end', async () => {
      const store = await fresh()
      const createdAt = at('2026-03-29T00:59:59.999999Z')
      await store.append([event({ createdAt })])
      const log = store.reader(owner)
      for (const filter of [
        {},
        { principalIds: [uuid(1)] },
        { addresses: [{ first: new Uint8Array(4), last: new Uint8Array(4).fill(255) }] },
        { createdAfter: createdAt, createdBefore: createdAt + 1 },
      ]) {
        const { times } = await log.eventCounts(ORGANIZATION, filter)
        for (const [edges, counts] of [
          [[], []],
          [[createdAt], []],
          [[createdAt, createdAt + 1], [1]],
          [[createdAt - 1, createdAt], [0]],
          [[createdAt + 1, createdAt + 2], [0]],
          [
            [createdAt - 1, createdAt, createdAt + 1, createdAt + 2],
            [0, 1, 0],
          ],
          [
            [createdAt + 1 - HOUR, createdAt + 1, createdAt + 1 + HOUR],
            [1, 0],
          ],
          [
            [createdAt - HOUR, createdAt, createdAt + HOUR],
            [0, 1],
          ],
          [[createdAt - 400 * 24 * HOUR, createdAt + 400 * 24 * HOUR], [1]],
        ] as const) {
          expect(await times(edges), JSON.stringify(edges)).toEqual(counts)
        }
      }
    })

    test('hasMore is true exactly if more events or principals follow the page', async () => {
      const store = await fresh()
      const events = Array.from({ length: 4 }, (_, number) =>
        event({ principalId: uuid(number + 1) }),
      )
      await store.append(events)
      const log = store.reader(owner)
      for (const [limit, hasMore] of [
        [0, true],
        [3, true],
        [4, false],
        [5, false],
      ] as const) {
        for (const fromEnd of [false, true]) {
          const filters: EventFilter[] = [
            {},
            { userAgent: 'curl' },
            { resourceIds: ids(events.map(({ resourceId: id }) => ({ id }))) },
            { addresses: [{ first: new Uint8Array(4), last: new Uint8Array(4).fill(255) }] },
          ]
          for (const filter of filters) {
            const page = await log.events(query({ filter, limit, fromEnd, order: 'oldest-first' }))
            expect(page.hasMore, `${limit} of ${JSON.stringify(filter)}`).toBe(hasMore)
            const kept = fromEnd ? events.slice(Math.max(0, 4 - limit)) : events.slice(0, limit)
            expect(ids(page.events)).toEqual(ids(kept))
          }
          const all = { organizationId: ORGANIZATION, search: null, after: null, before: null }
          const people = await log.principals({ ...all, limit, fromEnd })
          expect(people.hasMore).toBe(hasMore)
          expect(people.principals).toHaveLength(Math.min(limit, 4))
        }
        for (const filter of [{}, { userAgent: 'curl' }]) {
          const all = { organizationId: ORGANIZATION, filter, after: FEED_START }
          const page = await log.arrivals({ ...all, limit })
          expect(ids(page?.events ?? [])).toEqual(ids(events.slice(0, limit)))
          expect(page?.hasMore).toBe(hasMore)
          expect(page?.cursor).toBe(events[Math.min(limit, 4) - 1]?.id ?? FEED_START)
        }
      }
      // Nothing is between two neighbours, and a position excludes its own event.
      const [, second, third] = events
      if (second === undefined || third === undefined) throw new Error()
      const between = { after: second, before: third, order: 'oldest-first' } as const
      expect(await log.events(query(between))).toEqual({ events: [], hasMore: false })
      expect(ids((await log.events(query({ before: third }))).events)).toEqual([events[3]?.id])
      expect(ids((await log.events(query({ after: second }))).events)).toEqual([events[0]?.id])
    })

    test('principals with equal counts are sorted by ID; IP addresses and user agents by their newest event, then by code points, null last', async () => {
      const store = await fresh()
      const createdAt = at('2026-01-05T00:00:00Z')
      // The emoji is before the wide tilde in UTF-16, and after it in code points.
      const agents = ['b', '～', null, 'B', '😀', 'a']
      const addresses = ['192.0.2.9', '10.0.0.1', null, '2001:db8::1', '192.0.2.10', '9.9.9.9']
      const equal = agents.map((userAgent, place) =>
        event({
          createdAt,
          userAgent,
          ipAddress: addresses[place] ?? null,
          principalId: uuid(9 - place),
        }),
      )
      const newest = event({
        createdAt: createdAt + 1,
        userAgent: 'z',
        ipAddress: '99.9.9.9',
        principalId: uuid(99),
      })
      const twice = [0, 0].map(() =>
        event({
          createdAt: createdAt - 5,
          userAgent: 'zz',
          ipAddress: '99.9.9.99',
          principalId: uuid(999),
        }),
      )
      await store.append([...equal, newest, ...twice])
      const counts = await store.reader(owner).eventCounts(ORGANIZATION, {})
      const byAgent = ['zz', 'z', 'B', 'a', 'b', '～', '😀', null]
      const byAddress = [
        ...['99.9.9.99', '99.9.9.9', '10.0.0.1', '192.0.2.10', '192.0.2.9'],
        ...['2001:db8::1', '9.9.9.9', null],
      ]
      const byPrincipal = [999, 4, 5, 6, 7, 8, 9, 99].map(number => uuid(number))
      for (let first = 1; first <= 8; first++) {
        const values = async (of: 'userAgents' | 'addresses') =>
          (await counts[of](first)).values.map(({ value }) => value)
        expect(await values('userAgents')).toEqual(byAgent.slice(0, first))
        expect(await values('addresses')).toEqual(byAddress.slice(0, first))
        expect((await counts.principals(first)).map(({ principalId }) => principalId)).toEqual(
          byPrincipal.slice(0, first),
        )
      }
      const { values } = await counts.userAgents(2)
      expect(values).toEqual([
        { value: 'zz', events: 2, latest: createdAt - 5 },
        { value: 'z', events: 1, latest: createdAt + 1 },
      ])
    })

    test('a block of addresses includes its first and last address, and no address of the other IP version', async () => {
      const store = await fresh()
      const texts = [
        ...['192.0.1.255', '192.0.2.0', '192.0.2.127', '192.0.2.255', '192.0.3.0'],
        ...['c000:200::', 'c000:2ff:ffff:ffff:ffff:ffff:ffff:ffff', 'c000:300::'],
        ...['c000:1ff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe80::1%eth0', 'c000', '192.0.2'],
      ]
      const events = texts.map(ipAddress => event({ ipAddress }))
      const all = [...events, event({ ipAddress: null })]
      await store.append(all)
      const log = store.reader(owner)
      const v6 = (last: number) => [0xc0, 0, 2, ...Array<number>(13).fill(last)]
      for (const [first, last, taken] of [
        [
          [192, 0, 2, 0],
          [192, 0, 2, 255],
          ['192.0.2.0', '192.0.2.127', '192.0.2.255'],
        ],
        [[192, 0, 2, 127], [192, 0, 2, 127], ['192.0.2.127']],
        [[192, 0, 2, 1], [192, 0, 2, 126], []],
        [[0, 0, 0, 0], [255, 255, 255, 255], texts.slice(0, 5)],
        [v6(0), v6(255), texts.slice(5, 7)],
        [v6(0), v6(0), ['c000:200::']],
        [Array(16).fill(0), Array(16).fill(255), texts.slice(5, 9)],
      ] as [number[], number[], string[]][]) {
        const block = { first: Uint8Array.from(first), last: Uint8Array.from(last) }
        expect(await everyRead(log, { addresses: [block] }), first.join()).toEqual({
          pages: Array(4).fill(ids(events.filter(one => taken.includes(one.ipAddress ?? '')))),
          figures: Array(6).fill(taken.length),
          arrived: ids(events.filter(one => taken.includes(one.ipAddress ?? ''))).sort(),
        })
        // Events without an address, or with an invalid one, are in no block.
        const left = all.filter(one => !taken.includes(one.ipAddress ?? ''))
        expect(await everyRead(log, { not: { addresses: [block] } }), first.join()).toEqual({
          pages: Array(4).fill(ids(left)),
          figures: Array(6).fill(left.length),
          arrived: ids(left).sort(),
        })
      }
    })

    test('a filter by user agent ignores the case of A to Z only, a search by name that of all letters; no character is a wildcard', async () => {
      const store = await fresh()
      const texts: readonly string[] = [
        'Curl',
        'Éa',
        'éa',
        'K',
        '\u212a',
        '\u0130',
        'ß',
        '100%',
        '100',
        'a_b',
        'aXb',
        'a\\b',
      ]
      const events = texts.map(userAgent => event({ userAgent, principalId: uuid(0, 'f0000000') }))
      await store.append([...events, event({ userAgent: null, principalId: uuid(0, 'f0000000') })])
      await store.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'application',
        entries: texts.map((name, number) => application({ id: uuid(number, 'f0000000'), name })),
        complete: true,
      })
      const log = store.reader(owner)
      const kelvin = '\u212a'
      for (const [search, found, named = found] of [
        ['cURL', ['Curl']],
        ['ÉA', ['Éa'], ['Éa', 'éa']],
        ['éA', ['éa'], ['Éa', 'éa']],
        // The sign for kelvin, whose lower case is k.
        ['k', ['K'], ['K', kelvin]],
        ['K', ['K'], ['K', kelvin]],
        [kelvin, [kelvin], ['K', kelvin]],
        ['i', [], ['\u0130']],
        ['SS', [], ['ß']],
        ['%', ['100%']],
        ['_', ['a_b']],
        ['\\', ['a\\b']],
        ['\\%', []],
        ['0%0', []],
        ['A_B', ['a_b']],
      ] as readonly [string, readonly string[], (readonly string[])?][]) {
        const { events: page } = await log.events(query({ filter: { userAgent: search } }))
        expect(
          page.map(({ userAgent }) => userAgent),
          search,
        ).toEqual(found)
        const all = { organizationId: ORGANIZATION, search, after: null, before: null }
        const { principals } = await log.principals({ ...all, limit: 99, fromEnd: false })
        // The IDs contain none of these characters.
        expect(
          principals.map(({ name }) => name),
          search,
        ).toEqual(named)
        expect(await log.countPrincipals(ORGANIZATION, search)).toBe(named.length)
      }
      const { events: all } = await log.events(query({ filter: { userAgent: '' } }))
      expect(all).toHaveLength(texts.length)
    })

    test('principals with the same name are paged by ID, forward and backward', async () => {
      const store = await fresh()
      const entries = ['b', 'a', 'b', 'B', 'b', 'ba'].map((name, number) =>
        application({ id: uuid(60 - number), name }),
      )
      await store.updateDirectory({
        organizationId: ORGANIZATION,
        kind: 'application',
        entries,
        complete: true,
      })
      const log = store.reader(owner)
      const order = [1, 4, 3, 2, 0, 5].map(number => entries[number]?.id)
      for (const limit of [1, 2, 3, 6]) {
        for (const fromEnd of [false, true]) {
          const seen: string[] = []
          let place: Partial<PrincipalQuery> = {}
          for (let hasMore = true; hasMore; ) {
            const page = await log.principals({
              ...{ organizationId: ORGANIZATION, search: null, after: null, before: null },
              ...{ limit, fromEnd, ...place },
            })
            if (fromEnd) seen.unshift(...ids(page.principals))
            else seen.push(...ids(page.principals))
            hasMore = page.hasMore
            const edge = (fromEnd ? page.principals[0] : page.principals.at(-1)) ?? null
            place = fromEnd ? { before: edge } : { after: edge }
          }
          expect(seen).toEqual(order)
        }
      }
      const [first, last] = [entries[4], entries[0]]
      if (first === undefined || last === undefined) throw new Error()
      const between = { organizationId: ORGANIZATION, search: null, after: first, before: last }
      const { principals } = await log.principals({ ...between, limit: 9, fromEnd: false })
      expect(ids(principals)).toEqual([entries[3]?.id, entries[2]?.id])
    })

    describe('the order of arrival', () => {
      const other = () => event({ organizationId: OTHER_ORGANIZATION, userAgent: 'common' })
      const pair = () => [event({ createdAt: 1e15 - made++ * 7, userAgent: 'common' }), other()]
      let made = 0

      test('includes every event, even if each is stored between events of another Organization', async () => {
        const store = await fresh()
        for (let number = 2; number < BATCHES; number++) await store.append(pair())
        const log = store.reader(owner)
        for (let number = BATCHES - 1; number <= BATCHES + 1; number++) {
          const rare = event({ userAgent: `rare ${number}`, createdAt: number })
          await store.append([rare, other()])
          expect((await arrived(log, { userAgent: `rare ${number}` }, 3)).found).toEqual([rare.id])
          const none = await arrived(log, { userAgent: 'never' }, 3)
          expect(none.found).toEqual([])
          expect(new Set(none.cursors).size).toBe(none.cursors.length)
          expect((await arrived(log, {}, 4_000)).found).toHaveLength(number)
        }
      })

      test('has no gap after the 5,000 events that one page examines, and a page has only events that match', async () => {
        const store = await fresh()
        const events = Array.from({ length: 5_001 }, () => event())
        await store.append([other(), ...events.slice(0, 4_999)])
        const log = store.reader(owner)
        for (const count of [4_999, 5_000, 5_001]) {
          await store.append(events.slice(0, count))
          expect((await arrived(log, { userAgent: 'never' }, 3)).found).toEqual([])
          const all = await arrived(log, { userAgent: 'curl' }, count)
          expect(all.found).toEqual(ids(events.slice(0, count)))
        }
        const late = event({ userAgent: 'rare' })
        await store.append([other(), late])
        const rest = await arrived(log, { userAgent: 'rare' }, 3, events.at(-1)?.id)
        expect(rest).toEqual({ found: [late.id], cursors: [] })
      })

      test('limits pages by date to the events that had arrived by a given one, wherever that is in its batch', async () => {
        const store = await fresh()
        const all = Array.from({ length: 9 }, pair).flat()
        for (let from = 0; from < all.length; from += 5) {
          await store.append(all.slice(from, from + 5))
        }
        const mine = all.filter(({ organizationId }) => organizationId === ORGANIZATION)
        const log = store.reader(owner)
        for (const [place, { id: arrivedBy }] of mine.entries()) {
          const arrivedThen = mine.slice(0, place + 1)
          for (const filter of [{}, { userAgent: 'common' }, { principalIds: [uuid(1)] }]) {
            for (const fromEnd of [false, true]) {
              const page = await log.events(query({ filter, arrivedBy, fromEnd, limit: place + 1 }))
              expect(ids(page.events)).toEqual(ids(arrivedThen))
              expect(page.hasMore).toBe(false)
            }
          }
        }
      })

      test('is the order of pages with events of many months; pages by date have them in order of date', async () => {
        const store = await fresh()
        // Thirty months in random order, some before and some after those with their own partition.
        const events = Array.from({ length: 90 }, (_, number) => {
          const month = (number * 37) % 30
          const date = Date.UTC(2017 + Math.floor(month / 12) * 41, month % 12, 1)
          return event({ createdAt: date * 1000 + (number % 3) - 1 })
        })
        for (let from = 0; from < events.length; from += 20) {
          await store.append(events.slice(from, from + 20))
        }
        const log = store.reader(owner)
        for (const limit of [7, 89, 90]) {
          for (const filter of [{}, { createdAfter: at('1990-01-01T00:00:00Z') }]) {
            expect((await arrived(log, filter, limit)).found).toEqual(ids(events))
          }
        }
        const until = at('2058-06-01T00:00:00Z')
        const some = await arrived(log, { createdBefore: until }, 4)
        expect(some.found).toEqual(ids(events.filter(({ createdAt }) => createdAt < until)))
        // The same events by date, in both orders, with the same limits.
        const byDate = ids([...events].sort(comparePositions))
        for (const order of ['oldest-first', 'newest-first'] as const) {
          for (const limit of [7, 89, 90]) {
            const seen: string[] = []
            let after: Event | null = null
            for (let hasMore = true; hasMore; ) {
              const page = await log.events(query({ order, limit, after }))
              seen.push(...ids(page.events))
              after = page.events.at(-1) ?? null
              hasMore = page.hasMore
            }
            expect(seen).toEqual(order === 'oldest-first' ? byDate : [...byDate].reverse())
          }
        }
      })
    })

    describe('a deletion', () => {
      const CREATED = at('2025-06-01T00:00:00.000005Z')
      const entries: readonly DirectoryEntry[] = [
        user({ createdAt: CREATED }),
        application({ createdAt: CREATED }),
        group({ createdAt: CREATED }),
        policy({ createdAt: CREATED }),
        apiKey({ createdAt: CREATED }),
      ]
      const detected: DirectoryEntry = {
        kind: 'scaleway',
        organizationId: ORGANIZATION,
        id: uuid(77),
        name: 'Scaleway',
      }
      type Case = readonly [
        what: string,
        entry: DirectoryEntry,
        fields: Partial<Event>,
        kept: boolean,
      ]
      const undated = entries.map(entry => ({ ...entry, createdAt: null }) as DirectoryEntry)
      const nextKind = (at: number) => entries[(at + 1) % entries.length]?.kind ?? ''
      const cases: readonly Case[] = [
        ...entries.flatMap((entry, at): Case[] => [
          ['at the instant it was created', entry, {}, false],
          ['a microsecond later', entry, { createdAt: CREATED + 1 }, false],
          ['a microsecond before', entry, { createdAt: CREATED - 1 }, true],
          ['of another kind', entry, { category: nextKind(at) }, true],
          ['of an unknown kind', entry, { category: 'unknown' }, true],
          ['of another ID', entry, { resourceId: uuid(404) }, true],
          ['in another Organization', entry, { organizationId: OTHER_ORGANIZATION }, true],
          ['that is an update', entry, { action: 'updated' }, true],
          ['that is a creation', entry, { action: 'created' }, true],
          ['that is an unknown action', entry, { action: 'detached' }, true],
        ]),
        ...undated.flatMap((entry): Case[] =>
          [Number.MIN_SAFE_INTEGER, 0, CREATED].map(createdAt => [
            `of an entry without a date, at ${createdAt}`,
            entry,
            { createdAt },
            false,
          ]),
        ),
        ['of a user that was detected as Scaleway', detected, { category: 'user' }, true],
        ['of a group with the ID of Scaleway', detected, { category: 'group' }, true],
      ]

      test.each([true, false])(
        'erases the entry that it names if that existed then, and no other; event before the listing: %s',
        async eventFirst => {
          const store = await fresh()
          const own = cases.map(([what, entry, fields, kept], number) => {
            const id = uuid(number, 'b5000000')
            const deleted = event({
              id: uuid(number + 1, kept ? 'ffffffff' : '00000000'),
              ...{ action: 'deleted', category: entry.kind, resourceId: id, createdAt: CREATED },
              ...fields,
            })
            return { what: `${entry.kind}, ${what}`, entry: { ...entry, id }, deleted, kept }
          })
          const events = own.map(({ deleted }) => deleted)
          if (eventFirst) await store.append(events)
          for (const { entry, kept } of own) {
            const { written } = await store.updateDirectory({
              ...{ organizationId: ORGANIZATION, kind: entry.kind },
              ...{ entries: [entry], complete: false },
            })
            expect(written).toBe(eventFirst && !kept ? 0 : 1)
          }
          if (!eventFirst) await store.append(events)
          const keys = own.map(({ entry: { id } }) => ({ organizationId: ORGANIZATION, id }))
          const log = store.reader(owner)
          const left = (await log.directory(keys)).map((entry, at) => [own[at]?.what, entry])
          expect(left).toEqual(own.map(({ what, entry, kept }) => [what, kept ? entry : null]))
          const named = await log.namesAt(keys.map(key => ({ ...key, at: CREATED })))
          expect(named.map(found => found?.entry ?? null)).toEqual(left.map(([, entry]) => entry))
          expect(await store.verify()).toEqual([])
        },
      )
    })

    describe('windows', () => {
      const window = (from: number, until: number, readAt = 1): ReadWindow => ({
        organizationId: ORGANIZATION,
        ...{ from, until, readAt, events: 0 },
      })

      test.each<[string, ReadWindow, ReadWindow[]]>([
        [
          'begins at the end of an earlier one keeps it',
          window(200, 300),
          [window(100, 200), window(200, 300)],
        ],
        [
          'ends at the start of an earlier one keeps it',
          window(50, 100),
          [window(50, 100), window(100, 200)],
        ],
        [
          'overlaps the end of an earlier one by a microsecond replaces it',
          window(199, 300),
          [window(199, 300)],
        ],
        [
          'overlaps the start of an earlier one by a microsecond replaces it',
          window(50, 101),
          [window(50, 101)],
        ],
        ['is within an earlier one replaces it', window(120, 130), [window(120, 130)]],
        [
          'is within an earlier one and has the same end replaces it',
          window(150, 200),
          [window(150, 200)],
        ],
        ['contains an earlier one replaces it', window(0, 400), [window(0, 400)]],
        [
          'has the same range as an earlier one replaces it',
          window(100, 200, 9),
          [window(100, 200, 9)],
        ],
        [
          'begins a microsecond after an earlier one keeps it',
          window(201, 300),
          [window(100, 200), window(201, 300)],
        ],
      ])('one that %s', async (_, next, expected) => {
        const store = await fresh()
        const elsewhere = { ...window(100, 200), organizationId: OTHER_ORGANIZATION }
        await store.appendRead([], [elsewhere])
        await store.appendRead([], [window(100, 200)])
        await store.appendRead([], [next])
        expect(await store.readWindows(ORGANIZATION)).toEqual(expected)
        expect(await store.readWindows(OTHER_ORGANIZATION)).toEqual([elsewhere])
        expect(await store.verify()).toEqual([])
      })

      test.each<[string, ReadWindow[], object]>([
        ['no window', [], { lastSyncedAt: null, completeUntil: null, gaps: [] }],
        [
          'two windows without a gap',
          [window(BEGINNING, 100), window(100, 200, 2)],
          { lastSyncedAt: 2, completeUntil: 200, gaps: [] },
        ],
        [
          'two windows with a gap of a microsecond',
          [window(BEGINNING, 100), window(101, 200, 2)],
          { lastSyncedAt: 2, completeUntil: 100, gaps: [{ from: 100, until: 101 }] },
        ],
        [
          'one window that begins a microsecond after the beginning',
          [window(BEGINNING + 1, 200)],
          {
            lastSyncedAt: 1,
            completeUntil: null,
            gaps: [{ from: BEGINNING, until: BEGINNING + 1 }],
          },
        ],
      ])('coverage is computed from the windows: %s', async (_, windows, expected) => {
        const store = await fresh()
        await store.appendRead([event({ createdAt: 5 })], windows)
        const coverage = await store.reader(owner).coverage(ORGANIZATION)
        expect(coverage).toMatchObject({ ...expected, earliest: 5, latest: 5 })
        expect(await store.coverages()).toEqual([coverage])
      })
    })

    describe('retention', () => {
      const MAY = at('2026-05-01T00:00:00Z')
      const [old, young] = [MAY - 1, MAY].map(createdAt =>
        event({ createdAt, principalId: uuid(createdAt === MAY ? 2 : 1) }),
      )
      if (old === undefined || young === undefined) throw new Error()

      test.each<[string, Instant, boolean]>([
        ['the last microsecond of a month', MAY - 1, true],
        ['the start of a month', MAY, false],
        ['a microsecond after the start of a month', MAY + 1, false],
        ['the last microsecond of the next month', at('2026-05-31T23:59:59.999999Z'), false],
      ])(
        'deletes whole months only, of all Organizations: before %s',
        async (_, before, isOldKept) => {
          const store = await fresh()
          const theirs = { ...old, organizationId: OTHER_ORGANIZATION }
          await store.append([old, young, theirs])
          const kept = isOldKept ? [old, young] : [young]
          expect(await store.dropBefore(before)).toEqual({
            dropped: isOldKept ? 0 : 2,
            from: isOldKept ? at('2026-04-01T00:00:00Z') : MAY,
          })
          const log = store.reader(owner)
          expect(await everyRead(log, {})).toEqual({
            pages: Array(4).fill(ids(kept)),
            figures: Array(6).fill(kept.length),
            arrived: ids(kept).sort(),
          })
          expect(await log.countEvents(OTHER_ORGANIZATION, {})).toBe(isOldKept ? 1 : 0)
          expect(await log.coverage(ORGANIZATION)).toMatchObject({
            earliest: kept[0]?.createdAt,
            latest: young.createdAt,
          })
          expect(
            await log.hasActed(
              [uuid(1), uuid(2)].map(id => ({ organizationId: ORGANIZATION, id })),
            ),
          ).toEqual([isOldKept, true])
          expect(await store.append([old, young])).toEqual(
            isOldKept ? { added: 0, known: 2, expired: 0 } : { added: 0, known: 1, expired: 1 },
          )
          expect(await log.countEvents(ORGANIZATION, {})).toBe(kept.length)
          // An event dated exactly at the bound is stored, and one before it is not.
          const [late, early] = [event({ createdAt: MAY }), event({ createdAt: MAY - 1 })]
          expect(await store.append([late, early])).toEqual(
            isOldKept ? { added: 2, known: 0, expired: 0 } : { added: 1, known: 0, expired: 1 },
          )
          expect(await store.verify()).toEqual([])
        },
      )

      test('keeps the cursor of a deleted event valid, unless it also deleted an event that arrived later', async () => {
        const store = await fresh()
        const earlier = event({ createdAt: MAY - 2 })
        await store.append([earlier])
        await store.append([young])
        await store.append([old])
        const theirs = { ...event({ createdAt: MAY - 3 }), organizationId: OTHER_ORGANIZATION }
        await store.append([theirs])
        const log = store.reader(owner)
        const from = (after: string, organizationId = ORGANIZATION) =>
          log.arrivals({ organizationId, filter: {}, after, limit: 10 })
        await store.dropBefore(MAY)
        expect(await from(old.id)).toEqual({ events: [], cursor: old.id, hasMore: false })
        expect(await from(theirs.id, OTHER_ORGANIZATION)).toMatchObject({ events: [] })
        expect(await from(theirs.id)).toBeNull()
        expect(await from(earlier.id)).toBeNull()
        const next = event({ createdAt: MAY + 1 })
        await store.append([next])
        expect(await from(old.id)).toMatchObject({ events: [next], cursor: next.id })
        expect(await from(young.id)).toMatchObject({ events: [next] })
        await store.dropBefore(at('2026-06-01T00:00:00Z'))
        expect(await from(old.id)).toBeNull()
        expect(await from(next.id)).toEqual({ events: [], cursor: next.id, hasMore: false })
        expect(await store.verify()).toEqual([])
      })

      test('is not undone by a later call with an earlier date', async () => {
        const store = await fresh()
        await store.append([old, young])
        await store.dropBefore(MAY)
        for (const earlier of [at('2026-03-15T00:00:00Z'), at('2018-01-01T00:00:00Z'), 0]) {
          expect(await store.dropBefore(earlier)).toMatchObject({ dropped: 0 })
          expect(await store.append([old, event({ createdAt: MAY - 1 })])).toEqual({
            added: 0,
            known: 0,
            expired: 2,
          })
          expect(await store.reader(owner).countEvents(ORGANIZATION, {})).toBe(1)
          const [chain] = await store.chains([])
          expect(chain).toMatchObject({ organizationId: ORGANIZATION, droppedBefore: MAY })
        }
        expect(await store.dropBefore(MAY)).toEqual({ dropped: 0, from: MAY })
        expect(await store.verify()).toEqual([])
      })
    })

    test('a viewer without a right to events finds and counts none', async () => {
      const store = await fresh()
      await store.append([event({ createdAt: 5 })])
      const log = store.reader(viewerWith('IAMUserReadOnly'))
      for (const filter of [{}, { createdAfter: 5 }, { createdBefore: 6 }]) {
        expect(await everyRead(log, filter)).toEqual({
          pages: Array(4).fill([]),
          figures: Array(6).fill(0),
          arrived: [],
        })
      }
    })
  })
}
