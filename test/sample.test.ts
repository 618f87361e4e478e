// The sample history, which new users see first and benchmarks use: it is the same every time, and consistent.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeSample } from '../src/cli/sample-command.ts'
import { comparePositions, type Event, NIL_ID } from '../src/event.ts'
import { type Instant, parseInstant } from '../src/instant.ts'
import { type DirectoryEntry, principalFor, scalewayIds } from '../src/principal.ts'
import { type SampleOptions, sampleHistory } from '../src/sample/history.ts'
import { openStore } from '../src/storage/open.ts'
import type { DirectoryListing } from '../src/store.ts'
import { ownerOf } from './support/viewers.ts'

const UNTIL = parseInstant('2026-11-23T12:00:00Z') as Instant
const DEFAULTS: SampleOptions = { seed: 1, events: 20_000, organizations: 3, until: UNTIL }
const SEVEN_DAYS = 7 * 86_400_000_000
const DEFAULT_GROUPS = ['Administrators', 'Editors', 'Billing Administrators']

const PARIS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  weekday: 'short',
  hour: '2-digit',
  hourCycle: 'h23',
})

interface Sample {
  readonly events: readonly Event[]
  readonly listings: readonly DirectoryListing[]
  readonly entries: readonly DirectoryEntry[]
}

/** The former names of applications, as the store receives them. */
function formerNames(options: Partial<SampleOptions> = {}): readonly DirectoryListing[] {
  const history = sampleHistory({ ...DEFAULTS, ...options })
  for (const _ of history.batches());
  return history.formerNames()
}

function sample(options: Partial<SampleOptions> = {}): Sample {
  const history = sampleHistory({ ...DEFAULTS, ...options })
  const events = [...history.batches()].flat()
  const listings = history.directory()
  return { events, listings, entries: listings.flatMap(listing => listing.entries) }
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

const standard = sample()

describe('the sample history', () => {
  test('is the same for the same options, including IDs and the directory', () => {
    expect(hash(sample())).toBe(hash(standard))
  })

  test('has other IDs for another seed', () => {
    const other = sample({ seed: 2 })
    const ids = new Set(standard.events.map(event => event.id))
    expect(other.events.some(event => ids.has(event.id))).toBe(false)
  })
})

describe('the number of events in the sample history', () => {
  test.each([1, 2, 3, 7, 50, 1000, 20_000, 60_001])(
    'is exactly %i if that is asked for',
    events => {
      expect(sample({ events }).events).toHaveLength(events)
    },
  )

  test('is divided into batches of 1 to 10,000', () => {
    const sizes = [...sampleHistory({ ...DEFAULTS, events: 25_000 }).batches()].map(b => b.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  })

  test('is spread over Organizations of different sizes, the largest first', () => {
    const { organizations } = sampleHistory(DEFAULTS)
    const counts = organizations.map(
      ({ id }) => standard.events.filter(event => event.organizationId === id).length,
    )
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    expect(counts[0]).toBeGreaterThan(2 * (counts[1] ?? 0))
    expect(counts[2]).toBeGreaterThan(1000)
    expect(new Set(organizations.map(organization => organization.name)).size).toBe(3)
  })
})

test('with any options, the sample history has no impossible event, and its directory agrees with its events', () => {
  const options = fc.record({
    seed: fc.integer(),
    events: fc.integer({ min: 1, max: 3000 }),
    organizations: fc.integer({ min: 1, max: 5 }),
    until: fc.integer({ min: 0, max: 2 ** 51 }),
  })
  fc.assert(
    fc.property(options, options => {
      const history = sample(options)
      expect(history.events).toHaveLength(options.events)
      expect(impossibilities(history)).toEqual([])
      expect(history.events.at(-1)?.createdAt).toBeLessThan(options.until)
    }),
    { numRuns: 40 },
  )
})

describe('the default sample history', () => {
  test('has no impossible event, and its directory agrees with its events', () => {
    expect(impossibilities(standard)).toEqual([])
  })

  test('ends less than a day before the given instant', () => {
    const last = standard.events.at(-1)?.createdAt ?? 0
    expect(UNTIL - last).toBeLessThan(86_400_000_000)
    expect(last).toBeLessThan(UNTIL)
  })

  test('begins in every Organization with the three default groups, created by Scaleway', () => {
    for (const { organizationId, entries } of standard.listings.filter(l => l.kind === 'group')) {
      const first = standard.events.filter(e => e.organizationId === organizationId).slice(0, 4)
      const names = new Map(entries.map(entry => [entry.id, entry.name]))
      expect(first.slice(0, 3).map(e => names.get(e.resourceId))).toEqual(DEFAULT_GROUPS)
      expect(first.slice(0, 3).map(e => `${e.action} ${e.category} ${e.principalId}`)).toEqual(
        Array(3).fill(`created group ${NIL_ID}`),
      )
      expect(first[3]?.principalId).not.toBe(NIL_ID)
    }
  })

  test('has every kind of principal in every Organization', () => {
    const entries = new Map(standard.entries.map(entry => [entry.id, entry]))
    const kinds = new Map<string, Set<string>>()
    for (const { organizationId, principalId } of standard.events) {
      const key = { organizationId, id: principalId }
      const principal = principalFor(key, entries.get(principalId) ?? null, scalewayIds())
      const seen = kinds.get(organizationId) ?? new Set()
      kinds.set(organizationId, seen.add(principal.kind))
    }
    for (const seen of kinds.values()) {
      expect([...seen].sort()).toEqual(['application', 'scaleway', 'unknown', 'user'])
    }
  })

  test('lists most API keys that were not deleted, each with a bearer that is listed, too', () => {
    const listed = new Map(standard.entries.map(entry => [entry.id, entry]))
    const keys = standard.entries.filter(entry => entry.kind === 'api_key')
    const changed = standard.events.filter(({ category }) => category === 'api_key')
    const deleted = new Set(
      changed.filter(({ action }) => action === 'deleted').map(event => event.resourceId),
    )
    expect(keys.length).toBeGreaterThan(100)
    for (const { id, bearer } of keys) {
      expect(deleted.has(id)).toBe(false)
      expect(listed.get(bearer?.id ?? '')?.kind).toBe(bearer?.kind)
    }
    // API keys of Kapsule's nodes are not listed.
    const all = new Set(changed.map(event => event.resourceId))
    expect(keys.length).toBeGreaterThan((all.size - deleted.size) * 0.6)
    expect(keys.some(({ description }) => description === null)).toBe(true)
    expect(keys.some(({ expiresAt }) => expiresAt !== null)).toBe(true)
  })

  test('has groups whose users and applications are listed', () => {
    const groups = standard.entries.filter(entry => entry.kind === 'group')
    const kinds = new Map(standard.entries.map(entry => [entry.id, entry.kind]))
    for (const { name, userIds, applicationIds } of groups) {
      expect(userIds.every(id => kinds.get(id) === 'user')).toBe(true)
      expect(applicationIds.every(id => kinds.get(id) === 'application')).toBe(true)
      if (name === 'Administrators') expect(userIds.length).toBeGreaterThan(0)
    }
    const filled = groups.filter(group => group.userIds.length + group.applicationIds.length > 0)
    expect(filled.length).toBeGreaterThan(groups.length * 0.8)
  })

  test('has one application in every Organization that an update renamed, and that acted before and after', () => {
    const former = formerNames()
    expect(hash(former)).toBe(hash(formerNames()))
    const organizations = new Set(standard.events.map(({ organizationId }) => organizationId))
    expect(former.length).toBe(2 * organizations.size)
    for (let at = 0; at < former.length; at += 2) {
      const [then, since] = former.slice(at, at + 2).map(({ entries: [entry] }) => entry)
      if (then?.kind !== 'application' || since?.kind !== 'application')
        throw new Error('the renamed entry is not an application')
      expect(then.id).toBe(since.id)
      expect([then.name, since.name]).toEqual(['github-actions', 'release-pipeline'])
      const now = standard.entries.find(({ id }) => id === then.id)
      expect(now).toMatchObject({ name: since.name })
      const update = standard.events.find(
        event => event.resourceId === then.id && event.createdAt === since.updatedAt,
      )
      expect(update?.action).toBe('updated')
      const acted = standard.events.filter(({ principalId }) => principalId === then.id)
      expect(acted.some(({ createdAt }) => createdAt < (since.updatedAt ?? 0))).toBe(true)
      expect(acted.some(({ createdAt }) => createdAt > (since.updatedAt ?? 0))).toBe(true)
    }
  })

  test('has invitations that were accepted, rejected, and expired after exactly seven days', () => {
    const fates = { accepted: 0, rejected: 0, expired: 0 }
    const invited = new Map<string, Instant>()
    for (const { action, category, resourceId, principalId, createdAt } of standard.events) {
      if (category !== 'user') continue
      if (action === 'created') invited.set(resourceId, createdAt)
      if (principalId !== NIL_ID) continue
      const waited = createdAt - (invited.get(resourceId) ?? 0)
      expect(waited).toBeLessThanOrEqual(SEVEN_DAYS)
      if (action === 'updated') fates.accepted += 1
      else if (waited === SEVEN_DAYS) fates.expired += 1
      else fates.rejected += 1
    }
    expect(fates.accepted).toBeGreaterThan(10)
    expect(fates.rejected).toBeGreaterThan(0)
    expect(fates.expired).toBeGreaterThan(0)
  })

  test('has members that were removed by another principal', () => {
    const removals = standard.events.filter(
      e => e.category === 'user' && e.action === 'deleted' && e.principalId !== NIL_ID,
    )
    expect(removals.length).toBeGreaterThan(3)
    expect(removals.every(e => e.principalId !== e.resourceId)).toBe(true)
  })

  test('has most actions of people in working hours, but not all', () => {
    const byPeople = standard.events.filter(event => event.userAgent?.startsWith('Mozilla/'))
    const atWork = byPeople.filter(event => {
      const paris = PARIS.formatToParts(event.createdAt / 1000)
      const hour = Number(paris.find(part => part.type === 'hour')?.value)
      const day = paris.find(part => part.type === 'weekday')?.value ?? ''
      return !day.startsWith('S') && hour >= 8 && hour < 19
    })
    expect(byPeople.length).toBeGreaterThan(3000)
    expect(atWork.length / byPeople.length).toBeGreaterThan(0.9)
    expect(atWork.length).toBeLessThan(byPeople.length)
  })

  test('has events with the same date, and dates with all digits of microseconds', () => {
    const dates = standard.events.map(event => event.createdAt)
    const shared = dates.filter((date, place) => date === dates[place - 1]).length
    expect(shared).toBeGreaterThan(500)
    const digits = new Set(dates.map(date => date % 1000))
    expect(digits.size).toBeGreaterThan(900)
  })

  test('has categories in about the shares of a real Organization, and the usual clients', () => {
    const share = (category: string) =>
      standard.events.filter(event => event.category === category).length / standard.events.length
    expect(share('api_key')).toBeCloseTo(0.33, 1)
    expect(share('group')).toBeCloseTo(0.2, 1)
    expect(share('policy')).toBeCloseTo(0.2, 1)
    expect(share('application')).toBeCloseTo(0.2, 1)
    expect(share('user')).toBeGreaterThan(0.01)
    const programs = [
      'Firefox/',
      'Chrome/',
      'Safari/',
      'cli/',
      'terraform/',
      'opentofu',
      'python',
      'curl/',
    ]
    for (const program of programs) {
      expect(standard.events.some(event => event.userAgent?.includes(program))).toBe(true)
    }
  })

  test('contains an attack by curl from foreign addresses that deletes API keys', () => {
    const attack = standard.events.filter(event => event.ipAddress?.startsWith('203.0.113.'))
    expect(
      attack.filter(e => e.action === 'deleted' && e.category === 'api_key').length,
    ).toBeGreaterThan(3)
    expect(attack.length).toBeLessThan(60)
    expect(attack.every(event => event.userAgent?.startsWith('curl/'))).toBe(true)
  })
})

test('a sample history that is written twice is stored once, with its former names', async () => {
  const store = await openStore(':memory:', { scalewayIds: scalewayIds() })
  const options = { seed: 1, events: 3000, organizations: 1, until: UNTIL }
  const write = async () => {
    const result = await writeSample(store, options)
    const [organizationId = ''] = await store.organizationIds()
    const log = store.reader(ownerOf(organizationId))
    const all = { organizationId, after: null, before: null, fromEnd: false }
    const people = await log.principals({ ...all, search: 'release-pipeline', limit: 1 })
    const id = people.principals[0]?.id ?? ''
    const filter = { principalIds: [id] }
    const page = await log.events({ ...all, filter, order: 'oldest-first', limit: 3000 })
    const named = await log.namesAt(
      page.events.map(({ createdAt: at }) => ({ organizationId, id, at })),
    )
    return { result, names: named.map(found => found?.name) }
  }
  const once = await write()
  expect(once.result).toEqual({ added: 3000, known: 0, expired: 0 })
  expect([...new Set(once.names)]).toEqual(['github-actions', 'release-pipeline'])
  const twice = await write()
  expect(twice).toEqual({ result: { added: 0, known: 3000, expired: 0 }, names: once.names })
  expect(await store.verify()).toEqual([])
})

/** Descriptions of everything in a history that cannot happen. */
function impossibilities({ events, listings, entries }: Sample): string[] {
  const found: string[] = []
  const ids = new Set<string>()
  const created = new Map<string, Event>()
  const deleted = new Set<string>()
  const owners = new Set(
    entries.filter(e => e.kind === 'user' && e.type === 'owner').map(e => e.id),
  )
  let former: Event | null = null
  for (const event of events) {
    const { id, action, resourceId, principalId } = event
    if (ids.has(id)) found.push(`${id} twice`)
    ids.add(id)
    if (former !== null && comparePositions(former, event) >= 0) found.push(`${id} out of order`)
    former = event
    if (action === 'created' && created.has(resourceId)) found.push(`${resourceId} created twice`)
    if (action === 'created') created.set(resourceId, event)
    else if (!created.has(resourceId) && !owners.has(resourceId))
      found.push(`${id} before creation`)
    if (deleted.has(resourceId)) found.push(`${id} on a deleted ${event.category}`)
    if (action === 'deleted') deleted.add(resourceId)
    if (action === 'deleted' && owners.has(resourceId)) found.push(`${id} deletes the Owner`)
    if (deleted.has(principalId)) found.push(`${id} by a deleted principal`)
    if (principalId === NIL_ID) {
      if (event.ipAddress !== null || event.userAgent !== null)
        found.push(`${id} from outside Scaleway`)
    } else if (!owners.has(principalId) && !created.has(principalId)) {
      found.push(`${id} by nobody`)
    }
  }
  for (const entry of entries) {
    const made = created.get(entry.id)
    if (deleted.has(entry.id)) found.push(`${entry.name} listed though deleted`)
    if (owners.has(entry.id)) continue
    if (made === undefined) found.push(`${entry.name} listed though never created`)
    else if (made.category !== entry.kind || made.organizationId !== entry.organizationId) {
      found.push(`${entry.name} listed as what it is not`)
    } else if (!('createdAt' in entry) || made.createdAt !== entry.createdAt)
      found.push(`${entry.name} created at two dates`)
  }
  const organizations = new Set(listings.map(listing => listing.organizationId))
  if (listings.length !== organizations.size * 5) found.push('a listing missing')
  if (!listings.every(listing => listing.complete)) found.push('a listing not complete')
  return found
}
