// A full disk and a failing disk: no acknowledged event of a SQLite file is lost. Writing continues when a full disk has
// space again; after a failed sync it continues only after a restart. An interrupted export can be resumed.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { ENTRY, run, temporaryFolder } from './support/command.ts'
import { canTrace } from './support/disk.ts'
import { ORGANIZATION } from './support/events.ts'
import { owner } from './support/viewers.ts'
import { batchSize } from './support/writer.ts'

const WRITER = new URL('support/writer.ts', import.meta.url).pathname
const BATCHES = 40

interface Written {
  /** Its output: the number after the last acknowledged event, or `!` and an error message. */
  readonly lines: readonly string[]
  readonly acknowledged: number
  readonly stored: number
  readonly faults: readonly string[]
}

/** Runs a writer, some of whose system calls fail. */
async function writeWith(fault: string): Promise<Written> {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  await (await openStore(file, { scalewayIds: scalewayIds() })).close()
  const calls = fault.split(':')[0]
  const options = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${fault}`]
  const writer = [process.execPath, WRITER, file, '0', 'read', String(BATCHES)]
  const { stdout } = spawnSync('strace', [...options, ...writer], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  const log = store.reader(owner)
  let [stored, after] = [0, FEED_START]
  for (;;) {
    const query = { organizationId: ORGANIZATION, filter: {}, after, limit: 100 }
    const page = await log.arrivals(query)
    stored += page?.events.length ?? 0
    if (page === null || !page.hasMore) break
    after = page.cursor
  }
  const faults = await store.verify()
  await store.close()
  return { lines, acknowledged: Number(lines.findLast(line => /^\d+$/.test(line))), stored, faults }
}

/** The possible numbers of stored events: 0, and the number after each batch. */
const batchEnds: number[] = [0]
while (batchEnds.length <= BATCHES)
  batchEnds.push((batchEnds.at(-1) ?? 0) + batchSize(batchEnds.at(-1) ?? 0))

test.skipIf(!canTrace).each([40, 90, 200])(
  'while the disk is full, from write %i on, batches are refused; then writing continues, and no acknowledged event is lost',
  async from => {
    const { lines, acknowledged, stored, faults } = await writeWith(
      `pwrite64:error=ENOSPC:when=${from}..${from + 3}`,
    )
    const refused = lines.filter(line => line.startsWith('!'))
    expect(refused.length).toBeGreaterThan(0)
    for (const line of refused) expect(line).toMatch(/full/)
    // Writing continued: the last line acknowledges events.
    expect(lines.at(-1)).toBe(String(acknowledged))
    expect(batchEnds).toContain(acknowledged)
    expect(acknowledged).toBeGreaterThan(0)
    expect(stored).toBe(acknowledged)
    expect(faults).toEqual([])
  },
)

test.skipIf(!canTrace).each([6, 11, 20])(
  'after the disk failed at sync %i, every further batch is refused until a restart, and no acknowledged event is lost',
  async number => {
    const { lines, acknowledged, stored, faults } = await writeWith(
      `fsync,fdatasync:error=EIO:when=${number}`,
    )
    const failed = lines.findIndex(line => line.startsWith('!'))
    expect(failed).toBeGreaterThan(0)
    expect(lines[failed]).toMatch(
      /the disk of the database failed .* until this program is restarted$/,
    )
    // The next sync would succeed, but must not be tried.
    expect(lines.slice(failed).every(line => line === lines[failed])).toBe(true)
    // The batch of the failed sync may be stored or not.
    expect([acknowledged, acknowledged + batchSize(acknowledged)]).toContain(stored)
    expect(faults).toEqual([])
  },
)

test.skipIf(!canTrace)(
  'an export to a full disk names its partial file, and can be resumed',
  async () => {
    using folder = temporaryFolder()
    const { path: cwd } = folder
    await run(['sample', '--events', '2000', '--organizations', '1'], { cwd })
    const { stdout } = await run(['organization', 'list'], { cwd })
    const id = /^[0-9a-f-]{36}/m.exec(stdout)?.[0] ?? ''
    const words = ['export', '--organization', id, '--output', 'events.ndjson']
    const fault = ['-f', '-qq', '-o', '/dev/null', '-e', 'inject=fsync:error=ENOSPC']
    const ended = spawnSync('strace', [...fault, process.execPath, ENTRY, ...words], {
      cwd,
      encoding: 'utf8',
    })
    expect(ended.status).toBe(1)
    expect(ended.stderr).toMatch(
      /^error: "events\.ndjson\.\S+\.part" cannot be written \(ENOSPC\); repair that, then run it again with --continue\n$/,
    )
    const resumed = await run([...words, '--continue'], { cwd })
    expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('2,000 events') })
    expect((await run(['verify-export', 'events.ndjson'], { cwd })).code).toBe(0)
  },
)
