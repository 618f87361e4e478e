// Events appended one by one, in batches, or by a separate thread: the stored events and totals are the same.

import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { type Event, FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { openStoreForIntake } from '../src/storage/sqlite/append-thread.ts'
import type { AuditStore } from '../src/store.ts'
import { temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { owner } from './support/viewers.ts'

const DAY = 86_400_000_000

/** Events of two Organizations, some of them twice, from before 1970 on, with invalid texts that are stored alike. */
function mixed(): Event[] {
  const agents = ['curl/8.0', null, 'lone \ud800', 'lone \udfff', 'é😀', 'lone \ufffd']
  const addresses = [
    '192.0.2.1',
    null,
    '2001:db8::1',
    '2001:DB8::1',
    'nowhere',
    '192.0.2.2',
    '192.0.2.3',
  ]
  const events = Array.from({ length: 900 }, (_, at) =>
    event({
      organizationId: at % 3 === 0 ? OTHER_ORGANIZATION : ORGANIZATION,
      id: uuid((at * 7919) % 800, `${(at % 5) + 1}7000000`),
      createdAt: ((at * 37) % 50) * DAY - 25 * DAY + ((at * 577) % 3) * 450_000_000 + at,
      action: ['created', 'deleted', 'x \ud800', 'x \udc00'][at % 4] ?? '',
      category: ['user', 'api_key', '1 user'][at % 3] ?? '',
      resourceId: at % 2 === 0 ? uuid(at % 300) : `SCW${at % 70}`,
      principalId: uuid(at % 11),
      userAgent: agents[at % agents.length] ?? null,
      ipAddress: addresses[at % addresses.length] ?? null,
    }),
  )
  return [...events, ...events.slice(100, 200)]
}

async function arrivalsOf(store: AuditStore) {
  const reader = store.reader(owner)
  const all = []
  for (const organizationId of [ORGANIZATION, OTHER_ORGANIZATION]) {
    let after = FEED_START
    for (let more = true; more; ) {
      const page = await reader.arrivals({ organizationId, filter: {}, after, limit: 100 })
      if (page === null) throw new Error('a cursor that the store gave is none')
      all.push(...page.events.map(({ recordedAt, ...event }) => event))
      after = page.cursor
      more = page.hasMore
    }
  }
  return all
}

/** All totals and their dates, each with the value that it is the total of. */
function totalsOf(file: string) {
  const db = new Database(file, { readonly: true })
  const total = 't.events, t.first_at, t.last_at'
  const own = (table: string, number: string, alias = 'v') =>
    `JOIN ${table} ${alias} ON ${alias}.organization = t.organization AND ${alias}.number = t.${number}`
  const kind = own('kinds', 'kind')
  const totals = [
    `${total}, t.last_sequence, t.last_number FROM organizations t`,
    `hex(t.id), ${total} FROM principals t`,
    `t.text, t.hash, ${total} FROM user_agents t`,
    `t.text, t.address, ${total} FROM addresses t`,
    `t.action, t.category, ${total} FROM kinds t`,
    `hex(t.id) FROM resources t`,
    ...['quarter_counts', 'day_counts'].map(
      table => `v.action, v.category, t.period, t.events FROM ${table} t ${own('kinds', 'number')}`,
    ),
    `hex(v.id), t.period, t.events FROM day_counts t ${own('principals', 'number')}`,
    't.period, t.events FROM quarter_counts t WHERE t.number = 0',
    `hex(p.id), u.text, v.action, v.category, ${total}, q.period, q.events FROM series t ${kind}
      ${own('principals', 'principal', 'p')} LEFT ${own('user_agents', 'user_agent', 'u')}
      JOIN quarter_counts q ON q.organization = t.organization AND q.number = t.number`,
  ].map(text => {
    const of = text.includes('organizations t') ? 't.id' : 't.organization'
    const id = of === 't.id' ? 'hex(t.id)' : `(SELECT hex(id) FROM organizations WHERE key = ${of})`
    const rows = db.prepare(`SELECT ${id}, ${text}`).raw().all()
    return rows.map(row => JSON.stringify(row)).sort()
  })
  db.close()
  return totals
}

test('events appended in batches or by a separate thread are stored as those appended one by one, with the same totals', async () => {
  using folder = temporaryFolder()
  const options = { scalewayIds: scalewayIds() }
  const events = mixed()
  const distinct = new Set(events.map(({ organizationId, id }) => organizationId + id))
  const files = ['one', 'many', 'thread'].map(name => join(folder.path, `${name}.db`))
  const [one = '', many = '', thread = ''] = files
  const stores = [
    await openStore(one, { ...options, mostWaitingIds: 100 }),
    await openStore(many, { ...options, mostWaitingIds: 100 }),
    await openStoreForIntake(thread, options),
  ]
  for (const [number, size] of [1, 333, events.length].entries()) {
    let added = 0
    for (let from = 0; from < events.length; from += size) {
      added += (await stores[number]?.append(events.slice(from, from + size)))?.added ?? 0
    }
    expect(added).toBe(distinct.size)
  }
  const [first, ...others] = await Promise.all(stores.map(arrivalsOf))
  // One call may reorder the events of different Organizations, but not those of one Organization.
  for (const other of others) expect(other).toEqual(first)
  for (const store of stores) expect(await store.verify()).toEqual([])
  for (const store of stores) await store.close()
  const [kept, ...same] = files.map(totalsOf)
  for (const totals of same) expect(totals).toEqual(kept)
})
