// Tests of former names that every database must pass: they are those of a plain implementation, visible only with their
// entry, and erased with it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Instant } from '../../src/instant.ts'
import type { LogReader } from '../../src/log-reader.ts'
import type { DirectoryEntry, ListedKind } from '../../src/principal.ts'
import type { AuditStore, Clock } from '../../src/store.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './events.ts'
import { closedAfterEach } from './opened.ts'
import { application, user } from './people.ts'
import { apiKey, group, policy } from './sync-contract.ts'
import { owner, ownerOf, viewerWith } from './viewers.ts'

const JANUARY = at('2026-01-01T00:00:00Z')
const FEBRUARY = at('2026-02-01T00:00:00Z')
const MARCH = at('2026-03-01T00:00:00Z')
const APRIL = at('2026-04-01T00:00:00Z')

type Listed = Exclude<DirectoryEntry, { kind: 'scaleway' }>

function listing(entries: readonly DirectoryEntry[], complete = false) {
  const [first] = entries
  if (first === undefined) throw new Error('an empty listing has no kind')
  return { organizationId: first.organizationId, kind: first.kind, entries, complete }
}

/** The names of an entry at these instants. */
async function namesOf(log: LogReader, id: string, ...instants: Instant[]) {
  const found = await log.namesAt(
    instants.map(at => ({ organizationId: ORGANIZATION, id, at: at })),
  )
  return found.map(one => one?.name ?? null)
}

export function testNames(
  name: string,
  open: (options: { clock: Clock }) => Promise<AuditStore>,
  runs = 80,
): void {
  describe(`${name}: former names`, () => {
    let time = APRIL
    const fresh = closedAfterEach(() => {
      time = APRIL
      return open({ clock: () => time })
    })

    test('are valid from the date of their update, and the first one also for all dates before', async () => {
      const store = await fresh()
      await store.updateDirectory(listing([application({ name: 'one', updatedAt: FEBRUARY })]))
      await store.updateDirectory(listing([application({ name: 'two', updatedAt: MARCH })]))
      await store.updateDirectory(listing([application({ name: 'two', updatedAt: MARCH + 9 })]))
      const log = store.reader(owner)
      expect(
        await namesOf(log, uuid(2), 0, FEBRUARY, MARCH - 1, MARCH, MARCH + 9, APRIL, APRIL + 1),
      ).toEqual(['one', 'one', 'one', 'two', 'two', 'two', 'two'])
      const [now] = await log.directory([{ organizationId: ORGANIZATION, id: uuid(2) }])
      const [then] = await log.namesAt([{ organizationId: ORGANIZATION, id: uuid(2), at: 0 }])
      expect(then).toEqual({ entry: now, name: 'one' })
    })

    test('without the date of an update, or with one not after the previous name, are valid from when they were stored', async () => {
      const store = await fresh()
      await store.updateDirectory(listing([application({ name: 'one', updatedAt: MARCH })]))
      await store.updateDirectory(listing([application({ name: 'two', updatedAt: null })]))
      time += 10
      // A name cannot begin before the one it follows.
      await store.updateDirectory(listing([application({ name: 'three', updatedAt: FEBRUARY })]))
      await store.updateDirectory(listing([application({ name: 'four', updatedAt: APRIL })]))
      expect(
        await namesOf(store.reader(owner), uuid(2), MARCH, APRIL - 1, APRIL, time - 1, time),
      ).toEqual(['one', 'one', 'two', 'two', 'three'])
      expect(await namesOf(store.reader(owner), uuid(2), time + 1)).toEqual(['four'])
      expect(await store.verify()).toEqual([])
    })

    test('exist for every kind; those of an API key are its descriptions', async () => {
      const store = await fresh()
      const kinds: [Listed, Listed][] = [
        [user({ updatedAt: JANUARY }), user({ updatedAt: MARCH, name: 'Augusta Ada King' })],
        [application({ updatedAt: JANUARY }), application({ updatedAt: MARCH, name: 'tofu' })],
        [group({ updatedAt: JANUARY }), group({ updatedAt: MARCH, name: 'Admins' })],
        [policy({ updatedAt: JANUARY }), policy({ updatedAt: MARCH, name: 'auditing' })],
        [
          apiKey({ updatedAt: JANUARY, description: null, name: 'SCWAAAAAAAAAAAAAAAAA' }),
          apiKey({ updatedAt: MARCH, description: 'laptop', name: 'laptop' }),
        ],
      ]
      for (const [former, latter] of kinds) {
        await store.updateDirectory(listing([former]))
        await store.updateDirectory(listing([latter]))
        const names = [former, latter].map(entry =>
          entry.kind === 'api_key' ? entry.description : entry.name,
        )
        expect(await namesOf(store.reader(owner), former.id, FEBRUARY, APRIL)).toEqual(names)
      }
    })

    test('are erased when the entry is removed, deleted, or replaced by another with the same ID', async () => {
      const store = await fresh()
      const log = store.reader(owner)
      const id = uuid(2)
      const rename = async () => {
        await store.updateDirectory(listing([application({ name: 'one', updatedAt: FEBRUARY })]))
        await store.updateDirectory(listing([application({ name: 'two', updatedAt: MARCH })]))
        expect(await namesOf(log, id, FEBRUARY)).toEqual(['one'])
      }
      await rename()
      await store.updateDirectory(listing([application({ id: uuid(3) })], true))
      expect(await namesOf(log, id, FEBRUARY, APRIL)).toEqual([null, null])
      expect(await store.verify()).toEqual([])
      // An entry that is listed again has no former names.
      await store.updateDirectory(listing([application({ name: 'three', updatedAt: APRIL })]))
      expect(await namesOf(log, id, FEBRUARY)).toEqual(['three'])

      await store.updateDirectory(listing([application({ id: uuid(3) })], true))
      await rename()
      const other = application({ name: 'three', createdAt: APRIL, updatedAt: APRIL })
      await store.updateDirectory(listing([other]))
      expect(await namesOf(log, id, FEBRUARY)).toEqual(['three'])
      await store.updateDirectory(listing([user({ id, name: 'four' })]))
      expect(await namesOf(log, id, FEBRUARY)).toEqual(['four'])
      await store.updateDirectory(
        listing([{ kind: 'scaleway', organizationId: ORGANIZATION, id, name: 'Scaleway' }]),
      )
      expect(await namesOf(log, id, FEBRUARY)).toEqual(['Scaleway'])
      expect(await store.verify()).toEqual([])

      await store.updateDirectory(listing([user({ id, name: 'four' })]))
      await store.append([
        event({ action: 'deleted', category: 'user', resourceId: id, createdAt: APRIL }),
      ])
      expect(await namesOf(log, id, FEBRUARY, APRIL)).toEqual([null, null])
      expect(await store.verify()).toEqual([])
    })

    test('are visible to exactly the viewers who see the entry, in its Organization only', async () => {
      const store = await fresh()
      const entries: [ListedKind, Listed][] = [
        ['user', user()],
        ['application', application()],
        ['group', group()],
        ['policy', policy()],
        ['api_key', apiKey()],
        ['api_key', apiKey({ id: 'SCWB', bearer: { kind: 'application', id: uuid(2) } })],
        ['api_key', apiKey({ id: 'SCWC', bearer: null })],
      ]
      for (const organizationId of [ORGANIZATION, OTHER_ORGANIZATION]) {
        for (const [, entry] of entries) {
          await store.updateDirectory(listing([{ ...entry, organizationId } as Listed]))
        }
      }
      const keys = [ORGANIZATION, OTHER_ORGANIZATION, uuid(404)].flatMap(organizationId =>
        [...entries.map(([, { id }]) => id), 'nobody', uuid(404)].map(id => ({
          organizationId,
          id,
        })),
      )
      const moments = keys.map(key => ({ ...key, at: FEBRUARY }))
      const details = ['User', 'Application', 'Group', 'Policy'].map(kind => `IAM${kind}ReadOnly`)
      for (let chosen = 0; chosen < 32; chosen++) {
        const sets = details.filter((_, bit) => chosen & (1 << bit))
        if (chosen & 16) sets.push('AuditTrailReadOnly')
        const log = store.reader(viewerWith(...sets))
        const now = await log.directory(keys)
        const then = await log.namesAt(moments)
        expect(then.map(found => found?.entry ?? null)).toEqual(now)
        expect(now.every(entry => entry === null)).toBe((chosen & 16) === 0 || sets.length === 1)
      }
    })

    test(`equal those of a plain implementation, for random updates (${runs} histories)`, async () => {
      const store = await fresh()
      let entries = 0
      const step = fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        updatedAt: fc.option(fc.nat(20), { freq: 3 }),
        createdAt: fc.option(fc.constantFrom(1, 1, 1, 2), { freq: 3 }),
        wait: fc.nat(5),
        complete: fc.constantFrom(false, false, false, true),
        gone: fc.constantFrom(false, false, false, false, true),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
          // Each history has its own Organization, as a complete listing removes other entries.
          const organizationId = uuid(++entries, 'c0000000')
          const base = { id: uuid(2), organizationId }
          const names: { since: Instant; name: string }[] = []
          let made: Instant | null = null
          time = 0
          for (const { name, updatedAt, createdAt, wait, complete, gone } of steps) {
            time += wait
            if (gone) {
              await store.updateDirectory({
                ...listing([application({ ...base, id: uuid(9) })], true),
              })
              names.length = 0
              made = null
              continue
            }
            const entry = application({ ...base, name, updatedAt, createdAt })
            await store.updateDirectory(listing([entry], complete))
            if (made !== null && createdAt !== null && made !== createdAt) names.length = 0
            made = createdAt
            const last = names.at(-1)
            if (last?.name === name) continue
            const dated = updatedAt !== null && (last === undefined || updatedAt > last.since)
            const since: number = dated
              ? (updatedAt ?? 0)
              : last === undefined
                ? (createdAt ?? time)
                : Math.max(time, last.since + 1)
            names.push({ since, name })
          }
          const instants = [-1, 0, 1, 2, 3, 5, 8, 13, 19, 20, 21, 30, 60, 61, 62, 90]
          const found = await store
            .reader(ownerOf(organizationId))
            .namesAt(instants.map(at => ({ organizationId, id: uuid(2), at })))
          expect(found.map(one => one?.name ?? null)).toEqual(
            instants.map(
              at => (names.findLast(({ since }) => since <= at) ?? names[0])?.name ?? null,
            ),
          )
        }),
        { numRuns: runs },
      )
      expect(await store.verify()).toEqual([])
    })
  })
}
