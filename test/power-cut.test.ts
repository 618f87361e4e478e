// Power cuts between any two steps of writing a SQLite file: whatever unsynced data the disk kept, all acknowledged events
// are stored and the file is sound. A writer with less careful settings shows that a loss would be noticed.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { temporaryFolder } from './support/command.ts'
import { canTrace, Disk, type Step, traced } from './support/disk.ts'
import { LONG } from './support/long.ts'
import { batchSize, type Way } from './support/writer.ts'

const BATCHES = LONG ? 60 : 4
const WRITER = new URL('support/writer.ts', import.meta.url).pathname

if (!canTrace) process.stderr.write('tests of power cuts are skipped: strace is not available\n')

/** Which unsynced writes the disk keeps: none, the first half, nearly all, only the newest, or some. */
const LUCK: readonly ((number: number, of: number) => boolean)[] = [
  () => false,
  (number, of) => number < of / 2,
  (number, of) => number < of * 0.9,
  (number, of) => number >= of / 2,
  number => (number * 2_654_435_761) % 7 < 3,
]

interface Losses {
  readonly states: number
  readonly losing: number
  readonly unsound: number
}

async function cutEverywhere(way: Way): Promise<Losses> {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  if (way !== 'careless') {
    await (await openStore(file, { scalewayIds: scalewayIds() })).close()
  }
  const before = new Map(way === 'careless' ? [] : [[file, readFileSync(file)] as const])
  const args = [WRITER, file, '0', way, String(BATCHES)]
  const steps = traced(file, args, join(folder.path, 'trace'))
  expect(steps.filter(({ kind }) => kind === 'sync').length).toBeGreaterThan(0)

  const batches = new Set([0])
  for (let next = 0; batches.size <= BATCHES; batches.add(next)) next += batchSize(next)
  const disk = new Disk(before)
  const seen = new Set<string>()
  let acknowledged = 0
  let [states, losing, unsound] = [0, 0, 0]
  for (const step of steps) {
    disk.take(step)
    acknowledged = acknowledgedBy(step) ?? acknowledged
    for (const luck of LUCK) {
      const files = disk.after((_, number, of) => luck(number, of))
      const name = nameOf(files, acknowledged)
      if (seen.has(name)) continue
      seen.add(name)
      const place = join(folder.path, String(states++))
      const { events, sound } = read(place, file, files)
      if (!sound || !batches.has(events)) unsound++
      else if (events < acknowledged) losing++
    }
  }
  expect(acknowledged).toBe([...batches].at(-1))
  return { states, losing, unsound }
}

function acknowledgedBy(step: Step): number | null {
  return step.kind === 'said' ? Number(step.text.trim()) : null
}

function nameOf(files: ReadonlyMap<string, Buffer>, acknowledged: number): string {
  const hash = createHash('sha1').update(`${acknowledged}`)
  for (const [name, bytes] of files) hash.update(`${name} ${bytes.length} `).update(bytes)
  return hash.digest('base64')
}

function read(place: string, file: string, files: ReadonlyMap<string, Buffer>) {
  mkdirSync(place)
  for (const [name, bytes] of files) writeFileSync(join(place, basename(name)), bytes)
  const db = new Database(join(place, basename(file)))
  try {
    const [found] = db.pragma('integrity_check') as { integrity_check: string }[]
    const there = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events'").get()
    const events = there === undefined ? 0 : db.prepare('SELECT count(*) FROM events').pluck().get()
    return { events: Number(events), sound: found?.integrity_check === 'ok' }
  } catch {
    return { events: 0, sound: false }
  } finally {
    db.close()
  }
}

test.skipIf(!canTrace).each<Way>(LONG ? ['append', 'read'] : ['read'])(
  'a power cut at any step of the writer “%s” loses no acknowledged event, and leaves a sound file',
  async way => {
    const { states, losing, unsound } = await cutEverywhere(way)
    expect({ losing, unsound }).toEqual({ losing: 0, unsound: 0 })
    expect(states).toBeGreaterThan(LONG ? 1_000 : 50)
  },
)

test.skipIf(!canTrace)(
  'a power cut with less careful settings loses events, which this test notices',
  async () => {
    const { losing, states } = await cutEverywhere('careless')
    expect(losing).toBeGreaterThan(states / 10)
  },
)
