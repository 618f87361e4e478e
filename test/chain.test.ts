// Who changes events in the database is found out: each batch is sealed over the one before, and `verify` makes the
// seals again. Whoever makes the seals anew as well is found out by a head that was kept elsewhere.
// `npm run test:long` tampers many more times.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Head } from '../src/chain.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { run, temporaryFolder } from './support/command.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { type Pglite, startPglite } from './support/postgres.ts'
import { headsOf, sealedBatch, sealedEvent } from './support/seals-contract.ts'

const RUNS = LONG ? 1_000 : 40

async function faultsOf(store: AuditStore, kept: readonly Head[] = []): Promise<string[]> {
  return (await store.chains(kept)).flatMap(({ faults }) => faults)
}

describe('a SQLite file', () => {
  const folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  let store: AuditStore
  let db: Database.Database
  let kept: Head[] = []
  /** Puts back what was there. */
  let restore = () => {}

  beforeAll(async () => {
    store = await openStore(file, { scalewayIds: scalewayIds() })
    for (let batch = 0; batch < 5; batch++) await store.append(sealedBatch(batch))
    kept = await headsOf(store)
    db = new Database(file)
    db.pragma('synchronous = OFF')
    db.defaultSafeIntegers()
    const tables = [
      ...['events', 'seals', 'kinds', 'principals', 'user_agents', 'addresses', 'resources'],
      'series',
    ].map(table => {
      const rows = db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]
      const marks = Object.keys(rows[0] ?? {}).map(column => `@${column}`)
      const insert = db.prepare(`INSERT INTO ${table} VALUES (${marks.join(', ')})`)
      return { rows, remove: db.prepare(`DELETE FROM ${table}`), insert }
    })
    restore = db.transaction(() => {
      for (const { rows, remove, insert } of tables) {
        remove.run()
        for (const row of rows) insert.run(row)
      }
    })
  })
  afterAll(async () => {
    db.close()
    await store.close()
    folder[Symbol.dispose]()
  })

  /** Does it behind the store's back so many times, with other numbers each time, and looks what is told of it. */
  async function tamper(
    how: (random: (below: number) => number) => void,
    look: () => Promise<void>,
  ): Promise<void> {
    const numbers = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
    await fc.assert(
      fc.asyncProperty(numbers, async stream => {
        const random = (below: number) => Math.floor((stream.next().value ?? 0) * below)
        db.transaction(() => how(random))()
        try {
          await look()
        } finally {
          restore()
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  }

  async function isFound(): Promise<void> {
    expect(await faultsOf(store)).not.toEqual([])
  }

  async function isFoundByKeptHeadOnly(): Promise<void> {
    expect(await faultsOf(store)).toEqual([])
    expect(await faultsOf(store, kept)).not.toEqual([])
  }

  function one<T>(random: (below: number) => number, text: string): T {
    const rows = db.prepare(text).all() as T[]
    return rows[random(rows.length)] as T
  }

  const changed = (bytes: Buffer | string, random: (below: number) => number) => {
    if (typeof bytes === 'string') return `${bytes}${random(10)}`
    const copy = Buffer.from(bytes)
    const place = random(copy.length)
    copy[place] = (copy[place] ?? 0) ^ (1 << random(8))
    return copy
  }

  /** Every column there is of an event, of what it names, and of a seal. */
  const COLUMNS = [
    ...['events.id', 'events.created_at', 'events.recorded_at', 'events.series', 'events.resource'],
    ...['events.address', 'events.organization', 'principals.id', 'user_agents.text'],
    ...['addresses.text', 'resources.id', 'kinds.action', 'kinds.category', 'series.kind'],
    ...['series.principal', 'series.user_agent'],
    ...['seals.events', 'seals.recorded_at', 'seals.parts', 'seals.head', 'seals.organization'],
  ]

  test(`${RUNS} changed values are found`, async () => {
    await tamper(random => {
      const [table = '', column = ''] = (COLUMNS[random(COLUMNS.length)] ?? '').split('.')
      const filled = column === 'parts' ? 'WHERE length(parts) > 0' : ''
      const number = table === 'events' || table === 'seals' ? 'sequence' : 'number'
      const row = one<{ organization: bigint; place: bigint; value: bigint | Buffer | string }>(
        random,
        `SELECT organization, ${number} AS place, ${column} AS value FROM ${table} ${filled}`,
      )
      const { organization, place, value } = row
      const other =
        typeof value === 'bigint' ? value + BigInt(1 + random(1000)) : changed(value, random)
      const text = `UPDATE OR REPLACE ${table} SET ${column} = ? WHERE organization = ? AND ${number} = ?`
      db.prepare(text).run(other, organization, place)
    }, isFound)
  })

  interface Place {
    readonly organization: bigint
    readonly sequence: bigint
  }

  const SAME = 'WHERE organization = @organization AND sequence'

  test(`${RUNS} removed events are found`, async () => {
    await tamper(random => {
      const place = one<Place>(random, 'SELECT organization, sequence FROM events')
      db.prepare(`DELETE FROM events ${SAME} = @sequence`).run(place)
    }, isFound)
  })

  test(`${RUNS} inserted events are found, wherever a number is free`, async () => {
    await tamper(random => {
      const row = one<Place & Record<string, unknown>>(random, 'SELECT * FROM events')
      const taken = new Set(
        db.prepare(`SELECT sequence FROM events ${SAME} > -100`).pluck().all(row) as bigint[],
      )
      const numbers = Array.from({ length: 160 }, (_, at) => BigInt(at - 10))
      const free = numbers.filter(sequence => !taken.has(sequence))
      const added = {
        ...row,
        sequence: free[random(free.length)],
        id: changed(row.id as Buffer, random),
      }
      const marks = Object.keys(row).map(column => `@${column}`)
      db.prepare(`INSERT INTO events VALUES (${marks.join(', ')})`).run(added)
    }, isFound)
  })

  test(`${RUNS} events that changed places are found`, async () => {
    await tamper(random => {
      const row = one<Place>(random, 'SELECT organization, sequence FROM events')
      const { organization } = row
      const other = one<Place>(
        random,
        `SELECT organization, sequence FROM events
          WHERE organization = ${organization} AND sequence <> ${row.sequence}`,
      )
      const move = db.prepare(`UPDATE events SET sequence = @to ${SAME} = @from`)
      move.run({ organization, from: row.sequence, to: -100n })
      move.run({ organization, from: other.sequence, to: row.sequence })
      move.run({ organization, from: -100n, to: other.sequence })
    }, isFound)
  })

  test(`${RUNS} logs cut off within what is sealed are found`, async () => {
    await tamper(random => {
      const place = one<Place>(random, 'SELECT organization, sequence FROM events')
      db.prepare(`DELETE FROM events ${SAME} >= @sequence`).run(place)
    }, isFound)
  })

  test(`${RUNS} logs cut off with their seals are found by a kept head, and by nothing else`, async () => {
    await tamper(random => {
      const place = one<Place>(
        random,
        `SELECT s.organization, s.sequence FROM seals s WHERE s.sequence <
          (SELECT max(sequence) FROM seals l WHERE l.organization = s.organization)`,
      )
      for (const table of ['events', 'seals']) {
        db.prepare(`DELETE FROM ${table} ${SAME} > @sequence`).run(place)
      }
    }, isFoundByKeptHeadOnly)
  })

  test('a log that was written anew is found by a kept head, and by nothing else', async () => {
    const clock = () => at('2026-11-01T10:00:00Z')
    const [theirs, ours] = await Promise.all(
      ['theirs.db', 'ours.db'].map(name =>
        openStore(join(folder.path, name), { scalewayIds: scalewayIds(), clock }),
      ),
    )
    if (theirs === undefined || ours === undefined) return
    await ours.append(sealedBatch(0))
    const heads = await headsOf(ours)
    await theirs.append(
      sealedBatch(0).map((event, at) =>
        at === 5 ? sealedEvent(5, { action: 'deleted', userAgent: null }) : event,
      ),
    )
    expect(await faultsOf(theirs)).toEqual([])
    expect(await faultsOf(ours, heads)).toEqual([])
    expect(await faultsOf(theirs, heads)).toEqual([
      'a kept head has 10 events and another hash than the log here: the log was rewritten',
    ])
    for (const store of [theirs, ours]) await store.close()
  })

  test('the first place is told', async () => {
    const told = async (statement: string) => {
      db.exec(statement)
      const faults = await faultsOf(store)
      restore()
      return faults
    }
    const where = 'WHERE organization = 1 AND sequence ='
    const [sequence] = db
      .prepare(
        `SELECT sequence FROM events WHERE organization = 1 ORDER BY sequence LIMIT 1 OFFSET 15`,
      )
      .pluck()
      .all()
    expect(await told(`DELETE FROM events ${where} ${sequence}`)).toEqual([
      expect.stringMatching(/^events 11 to \d+, recorded at 2\d{3}-.*Z: 1 missing$/),
    ])
    expect(
      await told(`UPDATE events SET recorded_at = recorded_at + 1 ${where} ${sequence}`),
    ).toEqual([expect.stringMatching(/^events 11 to .*: they were changed or reordered$/)])
    expect(
      await told(`UPDATE seals SET head = zeroblob(32) WHERE organization = 1 AND events = 10`),
    ).toEqual([
      expect.stringMatching(/^events 1 to 10, .*: their seal was changed, or does not follow/),
      '1 later seal not matching either',
    ])
    expect(
      await told(`DELETE FROM events WHERE organization = 1 AND sequence >= ${sequence}`),
    ).toEqual([
      expect.stringMatching(/^events 11 to /),
      expect.stringMatching(/^\d+ later seals? not matching either$/),
    ])
  })
})

let pglite: Pglite
beforeAll(async () => {
  pglite = await startPglite()
})
afterAll(() => pglite.close())

test.each(['SQLite', 'PostgreSQL'])(
  '%s: what retention dropped is no fault, and every head ever kept is still in the chain',
  async name => {
    const store =
      name === 'SQLite'
        ? await openStore(':memory:', { scalewayIds: scalewayIds() })
        : await pglite.open()
    const kept: Head[] = []
    for (let batch = 0; batch < 10; batch++) {
      await store.append(sealedBatch(batch))
      kept.push(...(await headsOf(store)))
    }
    const { dropped } = await store.dropBefore(at('2026-02-01T00:00:00Z'))
    expect(dropped).toBeGreaterThan(20)
    await store.append(sealedBatch(10))
    const chains = await store.chains(kept)
    expect(chains.flatMap(({ faults }) => faults)).toEqual([])
    expect(chains.reduce((sum, chain) => sum + chain.dropped, 0)).toBe(dropped)
    expect(chains[0]?.droppedBefore).toBe(at('2026-02-01T00:00:00Z'))
    expect(chains[0]?.head?.events).toBeGreaterThan(80)
    expect(await store.verify()).toEqual([])
    expect(await store.append(sealedBatch(0))).toEqual({ added: 0, known: 6, expired: 7 })
    await store.close()
  },
)

describe('PostgreSQL', () => {
  test('what is left of what retention dropped is checked', async () => {
    const store = await pglite.open()
    for (let batch = 0; batch < 10; batch++) await store.append(sealedBatch(batch))
    await store.dropBefore(at('2026-02-01T00:00:00Z'))
    const ids = `organization = '${ORGANIZATION}' AND id IN (SELECT id FROM events WHERE
      organization = '${ORGANIZATION}' AND created_at < ${at('2026-03-01T00:00:00Z')}`
    await pglite.run(`DELETE FROM event_ids WHERE ${ids})`)
    expect(await faultsOf(store)).toEqual([
      expect.stringMatching(/missing|cut off/),
      expect.any(String),
    ])
  })

  test.each([
    ['a changed value', `UPDATE user_agents SET text = text || '.'`],
    [
      'a changed date',
      `UPDATE events SET recorded_at = recorded_at + 1000 WHERE id = '${uuid(7, 'e5000000')}'`,
    ],
    ['a removed event', `DELETE FROM event_ids WHERE id = '${uuid(7, 'e5000000')}'`],
    [
      'two that changed places',
      `UPDATE event_ids SET sequence = -sequence WHERE sequence IN (3, 4);
      UPDATE event_ids SET sequence = 7 + sequence WHERE sequence < 0`,
    ],
    [
      'one too many',
      `INSERT INTO event_ids SELECT organization, '${uuid(999, 'e5000000')}', created_at, 500 FROM event_ids LIMIT 1`,
    ],
    ['a log cut off', 'DELETE FROM event_ids WHERE sequence > 40'],
    ['another seal', `UPDATE seals SET head = sha256('') WHERE events > 40`],
  ])('%s is found', async (_, statements) => {
    const store = await pglite.open()
    for (let batch = 0; batch < 6; batch++) await store.append(sealedBatch(batch))
    expect(await faultsOf(store)).toEqual([])
    await pglite.run(statements)
    expect(await faultsOf(store)).not.toEqual([])
  })
})

test('verify keeps heads, and finds them again or tells which it does not', async () => {
  using folder = temporaryFolder()
  const cwd = folder.path
  const path = join(cwd, 'log.db')
  const write = async (file: string, batches: readonly number[]) => {
    const store = await openStore(file, { scalewayIds: scalewayIds() })
    for (const batch of batches) await store.append(sealedBatch(batch))
    await store.close()
  }
  const verify = (...args: string[]) => run(['verify', '--database', 'log.db', ...args], { cwd })
  await write(path, [0, 1])
  expect(await verify('--heads', 'heads')).toMatchObject({ code: 0 })
  await write(path, [2])
  const { code, stdout } = await verify('--against', 'heads', '--heads', 'heads')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    new RegExp(
      `^${ORGANIZATION}: 28 events, [0-9a-f]{64}\n${OTHER_ORGANIZATION}: .*\n2 kept heads found again\n`,
    ),
  )
  const lines = readFileSync(join(cwd, 'heads'), 'utf8').trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line).events)).toEqual([19, 4, 28, 6])

  await write(join(cwd, 'shorter.db'), [0])
  const shorter = await run(['verify', '--database', 'shorter.db', '--against', 'heads'], { cwd })
  expect(shorter).toMatchObject({ code: 1, stdout: '' })
  expect(shorter.stderr).toContain(
    `Organization ${ORGANIZATION}: a kept head has 28 events, but there are 10`,
  )

  writeFileSync(join(cwd, 'heads'), `${lines[0]}\n{"events":3}\n`)
  const wrong = await verify('--against', 'heads')
  expect(wrong).toMatchObject({ code: 1, stdout: '' })
  expect(wrong.stderr).toMatch(/^error: line 2 of "heads" is not a head; .*\n$/)
  expect((await verify('--against', 'none')).stderr).toContain('"none" cannot be read')
})
