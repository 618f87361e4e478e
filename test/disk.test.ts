// A disk that is full, and one that fails: nothing that was promised is lost, reading goes on; a full disk is written
// to again when there is room, and a failing one not before the program is started again.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { temporaryFolder } from './support/command.ts'
import { canTrace } from './support/disk.ts'
import { ORGANIZATION } from './support/events.ts'
import { owner } from './support/viewers.ts'
import { batchSize } from './support/writer.ts'

const WRITER = new URL('support/writer.ts', import.meta.url).pathname
const BATCHES = 40

interface Written {
  /** What it said: the number behind the last event that was promised, or `!` and why not. */
  readonly lines: readonly string[]
  readonly promised: number
  readonly there: number
  readonly faults: readonly string[]
}

/** A writer some of whose system calls fail. */
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
  let [there, after] = [0, FEED_START]
  for (;;) {
    const query = { organizationId: ORGANIZATION, filter: {}, after, limit: 100 }
    const page = await log.arrivals(query)
    there += page?.events.length ?? 0
    if (page === null || !page.hasMore) break
    after = page.cursor
  }
  const faults = await store.verify()
  await store.close()
  return { lines, promised: Number(lines.findLast(line => /^\d+$/.test(line))), there, faults }
}

/** Where the first of so many batches begins, and the one after the last. */
const whole: number[] = [0]
while (whole.length <= BATCHES) whole.push((whole.at(-1) ?? 0) + batchSize(whole.at(-1) ?? 0))

test.skipIf(!canTrace).each([40, 90, 200])(
  'a disk that is full for a while, from its write %i on',
  async from => {
    const { lines, promised, there, faults } = await writeWith(
      `pwrite64:error=ENOSPC:when=${from}..${from + 3}`,
    )
    const refused = lines.filter(line => line.startsWith('!'))
    expect(refused.length).toBeGreaterThan(0)
    for (const line of refused) expect(line).toMatch(/full/)
    // It went on: the last word is a promise.
    expect(lines.at(-1)).toBe(String(promised))
    expect(whole).toContain(promised)
    expect(promised).toBeGreaterThan(0)
    expect(there).toBe(promised)
    expect(faults).toEqual([])
  },
)

test.skipIf(!canTrace).each([6, 11, 20])(
  'a disk that fails to keep what was written, at its sync %i',
  async number => {
    const { lines, promised, there, faults } = await writeWith(
      `fsync,fdatasync:error=EIO:when=${number}`,
    )
    const failed = lines.findIndex(line => line.startsWith('!'))
    expect(failed).toBeGreaterThan(0)
    expect(lines[failed]).toMatch(
      /the disk of the database failed .* until this program is restarted$/,
    )
    // The next sync would succeed, but nobody tries.
    expect(lines.slice(failed).every(line => line === lines[failed])).toBe(true)
    // What was on its way may have been kept all the same.
    expect([promised, promised + batchSize(promised)]).toContain(there)
    expect(faults).toEqual([])
  },
)
