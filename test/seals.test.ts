// Changes of stored events are detected: each batch has a seal, a hash that includes the seal before, and `verify`
// calculates the seals again. If the seals were rewritten as well, a head kept elsewhere detects it.
// `npm run test:long` changes many more events.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore, Head } from '../src/store.ts'
import { run, temporaryFolder } from './support/command.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { type Pglite, startPglite } from './support/postgres.ts'
import { headsOf, sealedBatch, sealedEvent } from './support/seals-contract.ts'

const RUNS = LONG ? 1_000 : 40

async function faultsOf(store: AuditStore, kept: readonly Head[] = []): Promise<string[]> {
  return (await store.chains(kept)).flatMap(({ faults }) => faults)
}

describe('the chain of seals in a SQLite file', () => {
  const folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  let store: AuditStore
  let db: Database.Database
  let kept: Head[] = []
  /** Restores the original rows. */
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

  /** Changes the file `RUNS` times without the store, each time with other random numbers, and checks the faults. */
  async function tamper(
    change: (random: (below: number) => number) => void,
    check: () => Promise<void>,
  ): Promise<void> {
    const numbers = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
    await fc.assert(
      fc.asyncProperty(numbers, async stream => {
        const random = (below: number) => Math.floor((stream.next().value ?? 0) * below)
        db.transaction(() => change(random))()
        try {
          await check()
        } finally {
          restore()
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  }

  async function isDetected(): Promise<void> {
    expect(await faultsOf(store)).not.toEqual([])
  }

  async function isDetectedByKeptHeadOnly(): Promise<void> {
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

  /** Every column of events, of the values they refer to, and of seals; `verify` compares the kinds of events. */
  const COLUMNS = [
    ...['events.id', 'events.created_at', 'events.recorded_ms', 'events.series', 'events.resource'],
    ...['events.address', 'events.organization', 'principals.id', 'user_agents.text'],
    ...['addresses.text', 'resources.id', 'kinds.action', 'kinds.category', 'series.kind'],
    ...['series.principal', 'series.user_agent'],
    ...['seals.events', 'seals.recorded_at', 'seals.parts', 'seals.head', 'seals.organization'],
  ]

  test(`each of ${RUNS} changed values is detected`, async () => {
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
    }, isDetected)
  })

  interface Place {
    readonly organization: bigint
    readonly sequence: bigint
  }

  const SAME = 'WHERE organization = @organization AND sequence'

  test(`each of ${RUNS} removed events is detected`, async () => {
    await tamper(random => {
      const place = one<Place>(random, 'SELECT organization, sequence FROM events')
      db.prepare(`DELETE FROM events ${SAME} = @sequence`).run(place)
    }, isDetected)
  })

  test(`each of ${RUNS} inserted events is detected, at any unused sequence number`, async () => {
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
    }, isDetected)
  })

  test(`each of ${RUNS} swaps of two events is detected`, async () => {
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
    }, isDetected)
  })

  test(`each of ${RUNS} logs truncated without their seals is detected`, async () => {
    await tamper(random => {
      const place = one<Place>(random, 'SELECT organization, sequence FROM events')
      db.prepare(`DELETE FROM events ${SAME} >= @sequence`).run(place)
    }, isDetected)
  })

  test(`each of ${RUNS} logs truncated together with their seals is detected by a kept head, and only by that`, async () => {
    await tamper(random => {
      const place = one<Place>(
        random,
        `SELECT s.organization, s.sequence FROM seals s WHERE s.sequence <
          (SELECT max(sequence) FROM seals l WHERE l.organization = s.organization)`,
      )
      for (const table of ['events', 'seals']) {
        db.prepare(`DELETE FROM ${table} ${SAME} > @sequence`).run(place)
      }
    }, isDetectedByKeptHeadOnly)
  })

  test('a log rewritten with new seals is detected by a kept head, and only by that', async () => {
    const clock = () => at('2026-11-01T10:00:00Z')
    const open = (name: string) =>
      openStore(join(folder.path, name), { scalewayIds: scalewayIds(), clock })
    const original = await open('original.db')
    const rewritten = await open('rewritten.db')
    await original.append(sealedBatch(0))
    const heads = await headsOf(original)
    await rewritten.append(
      sealedBatch(0).map((event, at) =>
        at === 5 ? sealedEvent(5, { action: 'deleted', userAgent: null }) : event,
      ),
    )
    expect(await faultsOf(rewritten)).toEqual([])
    expect(await faultsOf(original, heads)).toEqual([])
    expect(await faultsOf(rewritten, heads)).toEqual([
      'a kept head has 10 events and another hash than the log here: the log was rewritten',
    ])
    await rewritten.close()
    await original.close()
  })

  test('a fault names the first range of events that is affected, and counts the later ones', async () => {
    const faultsAfter = async (statement: string) => {
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
    expect(await faultsAfter(`DELETE FROM events ${where} ${sequence}`)).toEqual([
      expect.stringMatching(/^events 11 to \d+, recorded at 2\d{3}-.*Z: 1 missing$/),
    ])
    expect(
      await faultsAfter(`UPDATE events SET recorded_ms = recorded_ms + 1 ${where} ${sequence}`),
    ).toEqual([expect.stringMatching(/^events 11 to .*: they were changed or reordered$/)])
    expect(
      await faultsAfter(
        `UPDATE seals SET head = zeroblob(32) WHERE organization = 1 AND events = 10`,
      ),
    ).toEqual([
      expect.stringMatching(/^events 1 to 10, .*: their seal was changed, or does not follow/),
      '1 later seal not matching either',
    ])
    expect(
      await faultsAfter(`DELETE FROM events WHERE organization = 1 AND sequence >= ${sequence}`),
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
  '%s: events dropped by retention are not a fault, and every head kept before is still found in the chain',
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

describe('the chain of seals in PostgreSQL', () => {
  test('after retention, the removal of further events is detected', async () => {
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
      `UPDATE events SET recorded_ms = recorded_ms + 1 WHERE id = '${uuid(7, 'e5000000')}'`,
    ],
    ['a removed event', `DELETE FROM event_ids WHERE id = '${uuid(7, 'e5000000')}'`],
    [
      'a swap of two events',
      `UPDATE event_ids SET sequence = -sequence WHERE sequence IN (3, 4);
      UPDATE event_ids SET sequence = 7 + sequence WHERE sequence < 0`,
    ],
    [
      'an added event',
      `INSERT INTO event_ids SELECT organization, '${uuid(999, 'e5000000')}', created_at, 500 FROM event_ids LIMIT 1`,
    ],
    ['a truncated log', 'DELETE FROM event_ids WHERE sequence > 40'],
    ['a changed seal', `UPDATE seals SET head = sha256('') WHERE events > 40`],
  ])('%s is detected', async (_, statements) => {
    const store = await pglite.open()
    for (let batch = 0; batch < 6; batch++) await store.append(sealedBatch(batch))
    expect(await faultsOf(store)).toEqual([])
    await pglite.run(statements)
    expect(await faultsOf(store)).not.toEqual([])
  })
})

test('iam-logs verify writes heads to a file, and reports whether a log still has them', async () => {
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
