// Tests of failed writes that every database must pass: nothing of a failed write is stored, and all of it when it is
// repeated. Numbers of values that were assigned in a rolled-back transaction must not be cached.

import { describe, expect, test } from 'vitest'
import type { ReadWindow } from '../../src/coverage.ts'
import { type Event, FEED_START } from '../../src/event.ts'
import type { AuditStore } from '../../src/store.ts'
import { at, event, ORGANIZATION, query, uuid } from './events.ts'
import { user } from './people.ts'
import { ownerOf } from './viewers.ts'

/** A batch whose values are new to the database, or to the Organization. */
export function newBatch(number: number, organizationId: string): Event[] {
  return Array.from({ length: 6 }, (_, place) =>
    event({
      organizationId: place < 4 ? ORGANIZATION : organizationId,
      action: ['created', `done ${number}`][place % 2] ?? '',
      category: place === 3 ? `thing ${number}` : 'application',
      principalId: place === 0 ? uuid(1) : uuid(number * 10 + (place % 2), '10a00000'),
      userAgent: place === 5 ? null : `agent/${number}.${place % 3}`,
      ipAddress: place === 2 ? null : `10.${number}.0.${place % 2}`,
      resourceId: uuid(number * 10 + (place % 4), 'a0a00000'),
    }),
  )
}

type Figures = readonly (readonly [value: string | null, events: number])[]

function tally(texts: readonly (string | null)[]): Figures {
  const counts = new Map<string | null, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return inOrder([...counts])
}

function inOrder(figures: Figures): Figures {
  return figures.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

/** Expects that every read of the Organizations returns these events, in this order of arrival. */
export async function expectKept(store: AuditStore, events: readonly Event[]): Promise<void> {
  const organizations = Map.groupBy(events, ({ organizationId }) => organizationId)
  for (const [organizationId, own] of organizations) {
    const reader = store.reader(ownerOf(organizationId))
    const all = { organizationId, filter: {}, after: FEED_START, limit: 10_000 }
    const arrived = (await reader.arrivals(all))?.events ?? []
    expect(arrived.map(({ recordedAt, ...event }) => event)).toEqual(own)
    const byId = await reader.eventsById(own.map(({ id }) => id))
    expect(byId).toMatchObject(own)
    expect(await reader.countEvents(organizationId, {})).toBe(own.length)
    const page = await reader.events(query({ organizationId, limit: 10_000 }))
    expect(page.events.map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => id).toSorted())
    // The counts of the many small Organizations are checked by `verify`.
    if (organizationId !== ORGANIZATION) continue

    const counts = await reader.eventCounts(organizationId, {})
    const kinds = (await counts.kinds()).map(
      ({ action, category, events }) => [`${action} ${category}`, events] as const,
    )
    expect(inOrder(kinds)).toEqual(tally(own.map(one => `${one.action} ${one.category}`)))
    const principals = (await counts.principals(10_000)).map(
      ({ principalId, events }) => [principalId, events] as const,
    )
    expect(inOrder(principals)).toEqual(tally(own.map(({ principalId }) => principalId)))
    for (const [figures, texts] of [
      [await counts.addresses(10_000), own.map(({ ipAddress }) => ipAddress)],
      [await counts.userAgents(10_000), own.map(({ userAgent }) => userAgent)],
    ] as const) {
      const found = figures.values.map(({ value, events }) => [value, events] as const)
      expect(inOrder(found)).toEqual(tally(texts))
    }
    const [low, high] = [0, at('2100-01-01T00:00:00Z')]
    expect(await counts.times([low, high])).toEqual([own.length])
    const last = own.slice(-6)
    for (const { principalId, resourceId, userAgent } of last) {
      const filter = { principalIds: [principalId], resourceIds: [resourceId] }
      const matching = own.filter(
        one => one.principalId === principalId && one.resourceId === resourceId,
      )
      expect(await reader.countEvents(organizationId, filter)).toBe(matching.length)
      if (userAgent === null) continue
      const same = own.filter(one => one.userAgent?.includes(userAgent)).length
      expect(await reader.countEvents(organizationId, { userAgent })).toBe(same)
    }
  }
  expect(await store.verify()).toEqual([])
  expect((await store.chains([])).map(({ faults }) => faults)).toEqual(
    (await store.organizationIds()).map(() => []),
  )
}

export async function settled(work: () => unknown): Promise<unknown> {
  try {
    await work()
    return null
  } catch (error) {
    return error
  }
}

/** A store that fails once at the nth statement from now on. */
interface Breaks {
  readonly store: AuditStore
  at(statement: number): void
  never(): void
}

export function testRollback(
  name: string,
  open: (onStatement: () => void) => Promise<AuditStore>,
): void {
  async function broken(): Promise<Breaks> {
    let left = Number.POSITIVE_INFINITY
    const store = await open(() => {
      left--
      if (left === 0) throw new Error('the disk is full')
    })
    return {
      store,
      at(statement) {
        left = statement
      },
      never() {
        left = Number.POSITIVE_INFINITY
      },
    }
  }

  /** Tries with a fault at each statement in turn; returns the number of statements. */
  async function atEachStatement(
    { at, never }: Breaks,
    write: (round: number) => unknown,
    failed: (round: number) => Promise<void>,
  ): Promise<number> {
    for (let round = 1; ; round++) {
      at(round)
      const error = await settled(() => write(round))
      never()
      if (error === null) return round - 1
      expect(error).toMatchObject({ message: expect.stringContaining('the disk is full') })
      await failed(round)
    }
  }

  describe(`${name}: a write that fails, at whichever SQL statement,`, () => {
    test('stores no event of a batch, and all of them when it is repeated', async () => {
      const breaks = await broken()
      const { store } = breaks
      const kept: Event[] = [event()]
      await store.append(kept)
      const batchOf = (round: number) => newBatch(round, uuid(round, 'f0a00000'))
      const batches = new Map<number, Event[]>()
      const failures = await atEachStatement(
        breaks,
        round => {
          batches.set(round, batchOf(round))
          return store.append(batches.get(round) ?? [])
        },
        async round => {
          const batch = batches.get(round) ?? []
          const ids = batch.map(({ id }) => id)
          const reader = store.reader(ownerOf(ORGANIZATION))
          expect(await reader.eventsById(ids)).toEqual(ids.map(() => null))
          expect(await reader.lastArrival(ORGANIZATION)).toBe(
            kept.findLast(({ organizationId }) => organizationId === ORGANIZATION)?.id,
          )
          expect(await store.organizationIds()).not.toContain(uuid(round, 'f0a00000'))
          // Another batch takes the numbers of the rolled-back one.
          if (round % 2 === 0) {
            const others = newBatch(1000 + round, uuid(1000 + round, 'f0a00000'))
            expect(await store.append(others)).toEqual({ added: 6, known: 0, expired: 0 })
            kept.push(...others)
          }
          expect(await store.append([...batch, ...batch.slice(0, 2)])).toEqual({
            added: 6,
            known: 2,
            expired: 0,
          })
          kept.push(...batch)
        },
      )
      expect(failures).toBeGreaterThan(4)
      kept.push(...(batches.get(failures + 1) ?? []))
      await expectKept(store, kept)
      await store.close()
    })

    test('stores neither windows nor their events, and both when it is repeated', async () => {
      const breaks = await broken()
      const { store } = breaks
      const windowOf = (round: number): ReadWindow => ({
        organizationId: ORGANIZATION,
        from: round * 100,
        until: round * 100 + 100,
        events: 4,
        readAt: 7,
      })
      const batches = new Map<number, Event[]>()
      const kept: Event[] = []
      const windows: ReadWindow[] = []
      const failures = await atEachStatement(
        breaks,
        round => {
          batches.set(round, newBatch(round, ORGANIZATION))
          return store.appendRead(batches.get(round) ?? [], [windowOf(round)])
        },
        async round => {
          const batch = batches.get(round) ?? []
          expect(await store.readWindows(ORGANIZATION)).toEqual(windows)
          const reader = store.reader(ownerOf(ORGANIZATION))
          expect(await reader.countEvents(ORGANIZATION, {})).toBe(kept.length)
          expect(await store.appendRead(batch, [windowOf(round)])).toEqual({
            added: 6,
            known: 0,
            expired: 0,
          })
          windows.push(windowOf(round))
          kept.push(...batch)
          expect(await store.readWindows(ORGANIZATION)).toEqual(windows)
        },
      )
      expect(failures).toBeGreaterThan(4)
      kept.push(...(batches.get(failures + 1) ?? []))
      await expectKept(store, kept)
      await store.close()
    })

    test('neither stores the event of a deletion nor erases the entry, or does both', async () => {
      const breaks = await broken()
      const { store } = breaks
      const person = (round: number) => user({ id: uuid(round, '10b00000'), name: `No ${round}` })
      const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: false }
      const deleted = (round: number) =>
        event({ action: 'deleted', category: 'user', resourceId: person(round).id })
      const rounds = Array.from({ length: 200 }, (_, round) => person(round))
      await store.updateDirectory({ ...listing, entries: rounds })
      const events = new Map<number, Event>()
      const found = async (round: number) => {
        const reader = store.reader(ownerOf(ORGANIZATION))
        return [
          ...(await reader.directoryById([person(round).id])),
          ...(await reader.eventsById([events.get(round)?.id ?? ''])),
        ]
      }
      const failures = await atEachStatement(
        breaks,
        round => {
          events.set(round, deleted(round))
          return store.append([events.get(round) as Event])
        },
        async round => {
          const there = await found(round)
          const one = events.get(round) as Event
          // If the fault was after the commit, the event is stored and the entry is erased.
          const isKept = there[1] != null
          expect(there).toMatchObject(isKept ? [null, one] : [person(round), null])
          expect(await store.append([one])).toEqual(
            isKept ? { added: 0, known: 1, expired: 0 } : { added: 1, known: 0, expired: 0 },
          )
          expect(await found(round)).toMatchObject([null, one])
        },
      )
      expect(failures).toBeGreaterThan(1)
      expect(await store.verify()).toEqual([])
      await store.close()
    })

    test('changes nothing in the directory, or everything, and everything when it is repeated', async () => {
      const breaks = await broken()
      const { store } = breaks
      const people = (round: number, count: number) => ({
        // An Organization that does not exist before.
        organizationId: uuid(round, 'f0b00000'),
        kind: 'user' as const,
        complete: true,
        entries: [1, 2, 3].slice(0, count).map(number =>
          user({
            organizationId: uuid(round, 'f0b00000'),
            id: uuid(number, '10b00000'),
            name: `No ${number}.${count}`,
          }),
        ),
      })
      for (const before of [false, true]) {
        const first = before ? 1000 : 0
        const failures = await atEachStatement(
          breaks,
          async round => {
            breaks.never()
            if (before) await store.updateDirectory(people(first + round, 3))
            breaks.at(round)
            return store.updateDirectory(people(first + round, 2))
          },
          async round => {
            const organizationId = uuid(first + round, 'f0b00000')
            const reader = store.reader(ownerOf(organizationId))
            const keys = [1, 2, 3].map(number => ({ organizationId, id: uuid(number, '10b00000') }))
            const names = async () => [
              ...(await reader.directory(keys)).map(entry => entry?.name ?? null),
              ...(await reader.namesAt(keys.map(key => ({ ...key, at: 4e15 })))).map(
                named => named?.name ?? null,
              ),
              await reader.countPrincipals(organizationId, 'No '),
            ]
            const old = before ? ['No 1.3', 'No 2.3', 'No 3.3'] : [null, null, null]
            const current = ['No 1.2', 'No 2.2', null]
            const there = await names()
            const isKept = there[0] === current[0]
            expect(there).toEqual(
              isKept ? [...current, ...current, 2] : [...old, ...old, before ? 3 : 0],
            )
            const again = await store.updateDirectory(people(first + round, 2))
            const changes = { written: 2, removed: before ? 1 : 0 }
            expect(again).toEqual(isKept ? { written: 0, removed: 0 } : changes)
            expect(await names()).toEqual([...current, ...current, 2])
          },
        )
        expect(failures).toBeGreaterThan(1)
      }
      expect(await store.verify()).toEqual([])
      await store.close()
    })

    test('neither names an Organization nor creates or revokes a token, and can be repeated', async () => {
      const breaks = await broken()
      const { store } = breaks
      const failures = await atEachStatement(
        breaks,
        round => store.nameOrganization({ id: uuid(round, 'f0c00000'), name: `No ${round}` }),
        async round => {
          const id = uuid(round, 'f0c00000')
          expect(await store.organizationIds()).not.toContain(id)
          await store.nameOrganization({ id, name: 'again' })
          expect(await store.reader(ownerOf(id)).organizations()).toEqual([{ id, name: 'again' }])
        },
      )
      expect(failures).toBeGreaterThan(0)
      const tokenOf = (round: number) => ({
        id: `token-${round}`,
        name: null,
        createdAt: round,
        expiresAt: null,
        grants: [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }],
      })
      const hashOf = (round: number) => new Uint8Array(32).fill(round)
      const tokens = await atEachStatement(
        breaks,
        round => store.tokens.create(tokenOf(round), hashOf(round)),
        async round => {
          expect(await store.tokens.find(hashOf(round))).toBeNull()
          expect(await store.tokens.list()).not.toContainEqual(tokenOf(round))
          await store.tokens.create(tokenOf(round), hashOf(round))
          expect((await store.tokens.find(hashOf(round)))?.viewer.id).toBe(`token-${round}`)
        },
      )
      expect(tokens).toBeGreaterThan(0)
      const revoked = await atEachStatement(
        breaks,
        () => store.tokens.revoke('token-1'),
        async () => {
          expect((await store.tokens.find(hashOf(1)))?.viewer.id).toBe('token-1')
        },
      )
      expect(revoked).toBeGreaterThan(0)
      expect(await store.tokens.find(hashOf(1))).toBeNull()
      expect(await store.verify()).toEqual([])
      await store.close()
    })
  })
}
