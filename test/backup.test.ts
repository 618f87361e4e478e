// Backups of a SQLite database: complete and consistent even if events are stored at the same time, and the command.

import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { run, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { owner } from './support/viewers.ts'
import { batchSize } from './support/writer.ts'

const WRITER = new URL('support/writer.ts', import.meta.url).pathname

test('each of 20 backups made while events are stored has every event acknowledged before, only whole batches, and no faults', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  const writer = spawn(process.execPath, [WRITER, file, '0', 'append'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  writer.stdout.on('data', chunk => {
    output += chunk
  })
  const acknowledged = () => Number(output.split('\n').at(-2) ?? 0)
  const ended = new Promise(resolve => writer.once('close', resolve))
  await expect.poll(acknowledged).toBeGreaterThan(0)
  const batchEnds = new Set([0])
  for (let number = 0; number < 20; number++) {
    const before = acknowledged()
    const copyFile = join(folder.path, `copy-${number}.db`)
    await store.backup(copyFile)
    const copy = await openStore(copyFile, { scalewayIds: scalewayIds() })
    const events = await copy.reader(owner).countEvents(ORGANIZATION, {})
    for (let next = 0; next < events; next += batchSize(next)) batchEnds.add(next + batchSize(next))
    expect(events).toBeGreaterThanOrEqual(before)
    expect(batchEnds).toContain(events)
    expect(await copy.verify()).toEqual([])
    await copy.close()
    // Otherwise all backups might contain the same events.
    await expect.poll(acknowledged).toBeGreaterThan(before)
  }
  writer.kill()
  await ended
  await store.close()
})

test('iam-logs backup copies only to a new file in an existing folder, and verify finds no faults in the copy', async () => {
  using folder = temporaryFolder()
  const cwd = folder.path
  await run(['sample', '--events', '500', '--database', 'log.db'], { cwd })
  const done = await run(['backup', 'copy.db', '--database', 'log.db'], { cwd })
  expect(done).toMatchObject({ code: 0, stderr: '' })
  expect(done.stdout).toMatch(/^copy\.db: [\d,]+ bytes, a copy of log\.db\n$/)
  const verified = await run(['verify', '--database', 'copy.db'], { cwd })
  expect(verified).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/copy\.db: no faults found\n$/),
  })
  const again = await run(['backup', 'copy.db', '--database', 'log.db'], { cwd })
  expect(again.code).toBe(1)
  expect(again.stderr).toMatch(/^error: "copy\.db" already exists; .*\n$/)
  const nowhere = await run(['backup', 'no/copy.db', '--database', 'log.db'], { cwd })
  expect(nowhere.stderr).toMatch(/^error: the folder of "no\/copy\.db" does not exist; .*\n$/)
  writeFileSync(join(cwd, 'third.db.part'), 'of a backup that was interrupted')
  expect((await run(['backup', 'third.db', '--database', 'log.db'], { cwd })).code).toBe(0)
  expect(existsSync(join(cwd, 'third.db.part'))).toBe(false)
})
