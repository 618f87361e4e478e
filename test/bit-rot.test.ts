// One bit of a closed SQLite file changes, as on a failing disk: either `verify` or the seals detect it, or no answer
// about events has changed. `npm run test:long` changes five times as many bits.

import { randomInt } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { application } from './support/people.ts'
import { owner } from './support/viewers.ts'
import { windowOf } from './support/writer.ts'

const FLIPS = LONG ? 1_000 : 200

const ORGANIZATIONS = [ORGANIZATION, OTHER_ORGANIZATION]
const USERS = Array.from({ length: 12 }, (_, number) => uuid(number))

/** Writes rows to every table, and IDs to both tables of IDs. */
async function fill(file: string): Promise<void> {
  const store = await openStore(file, { scalewayIds: scalewayIds(), mostWaitingIds: 100 })
  for (let batch = 0; batch < 8; batch++) {
    const organizationId = ORGANIZATIONS[batch % 3 === 2 ? 1 : 0] ?? ''
    const events = Array.from({ length: 40 }, (_, place) =>
      event({
        organizationId,
        createdAt: at('2026-01-01T00:00:00Z') + batch * 1e9 + place * 7e8,
        action: ['created', 'updated', 'deleted'][place % 3] ?? '',
        category: place % 7 === 0 ? 'group' : 'application',
        principalId: USERS[place % 12] ?? '',
        resourceId: place % 5 === 0 ? `SCW${place}` : uuid(place, 'a0000000'),
        ipAddress: place % 4 === 0 ? null : `192.0.2.${place}`,
        userAgent: place % 6 === 0 ? null : `terraform/${place % 8}`,
      }),
    )
    if (batch % 2 === 0) await store.append(events)
    else await store.appendRead(events, [windowOf(events)])
  }
  await store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'application',
    entries: USERS.slice(0, 8).map(id => application({ id })),
    complete: true,
  })
  await store.close()
}

/** The results of all methods that read events. */
async function answersOf(store: AuditStore): Promise<string> {
  const log = store.reader(owner)
  const answers: unknown[] = [await store.organizationIds()]
  for (const organizationId of ORGANIZATIONS) {
    const keys = USERS.map(id => ({ organizationId, id }))
    const paged = { organizationId, filter: {}, after: null, before: null, limit: 1000 }
    const counts = await log.eventCounts(organizationId, {})
    const start = at('2026-01-01T00:00:00Z')
    answers.push(
      await log.events({ ...paged, order: 'oldest-first', fromEnd: false }),
      await log.events({
        ...{ ...paged, order: 'newest-first', fromEnd: false },
        filter: { principalIds: USERS.slice(0, 3) },
      }),
      await log.arrivals({ organizationId, filter: {}, after: FEED_START, limit: 1000 }),
      await log.lastArrival(organizationId),
      await log.countEvents(organizationId, { categories: ['group'] }),
      await log.hasActed(keys),
      (await counts.kinds()).map(kind => JSON.stringify(kind)).sort(),
      await counts.principals(50),
      await counts.times(Array.from({ length: 40 }, (_, hour) => start + hour * 3.6e9)),
    )
  }
  return JSON.stringify(answers)
}

test(`each of ${FLIPS} changed bits is detected, or changes no answer about events`, async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  await fill(file)
  const original = readFileSync(file)
  const intact = await openStore(file, { scalewayIds: scalewayIds() })
  expect(await intact.verify()).toEqual([])
  const answers = await answersOf(intact)
  await intact.close()
  const undetected: string[] = []
  let detected = 0
  for (let flip = 0; flip < FLIPS; flip++) {
    const bit = randomInt(original.length * 8)
    const damaged = Buffer.from(original)
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
    writeFileSync(file, damaged)
    if (await isDetected(file)) detected++
    else {
      const store = await openStore(file, { scalewayIds: scalewayIds() })
      const now = await answersOf(store).catch(error => `failed: ${error.message}`)
      await store.close()
      if (now !== answers) {
        const from = [...now].findIndex((character, place) => character !== answers[place])
        const change = [answers, now].map(text => text.slice(from - 60, from + 30)).join(' -> ')
        undetected.push(`bit ${bit & 7} of byte ${bit >> 3}: ${change}`)
      }
    }
  }
  expect(undetected).toEqual([])
  // A large part of the file is unused space.
  expect(detected).toBeGreaterThan(FLIPS / 5)
})

/** A file that cannot be opened counts as detected, too. */
async function isDetected(file: string): Promise<boolean> {
  let store: AuditStore
  try {
    store = await openStore(file, { scalewayIds: scalewayIds() })
  } catch {
    return true
  }
  const faults = await store.verify()
  for (const chain of await store.chains([])) faults.push(...chain.faults)
  await store.close()
  return faults.length > 0
}
