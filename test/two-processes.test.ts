// Several processes on one SQLite file: each event is stored once, and processes wait for each other instead of failing.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { type Ended, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { LONG } from './support/long.ts'
import { EVENTS, RACER } from './support/racer.ts'
import { logOf } from './support/scaleway-items.ts'
import { owner } from './support/viewers.ts'
import { numbered } from './support/writer.ts'

const RACES = LONG ? 500 : 20

function startRacer() {
  const child = spawn(process.execPath, [RACER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async race(file: string, way: string): Promise<string> {
      child.stdin.write(`${file} ${way}\n`)
      return (await lines.next()).value ?? 'gone'
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

/** The IDs of all stored events in order of arrival. */
async function eventsIn(file: string): Promise<string[]> {
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  expect(await store.verify()).toEqual([])
  expect((await store.chains([])).flatMap(({ faults }) => faults)).toEqual([])
  const log = store.reader(owner)
  const found: string[] = []
  for (let after = FEED_START, more = true; more; ) {
    const page = await log.arrivals({
      organizationId: ORGANIZATION,
      filter: {},
      after,
      limit: 1000,
    })
    found.push(...(page?.events.map(({ id }) => id) ?? []))
    after = page?.cursor ?? after
    more = page?.hasMore ?? false
  }
  await store.close()
  return found
}

test(
  `two processes that create a file and append the same events store each once (${RACES} times)`,
  async () => {
    using folder = temporaryFolder()
    await using one = startRacer()
    await using other = startRacer()
    const all = Array.from({ length: EVENTS }, (_, number) => numbered(number).id)
    for (let race = 0; race < RACES; race++) {
      const file = join(folder.path, `${race}.db`)
      const way = ['append', 'read', 'thread'][race % 3] ?? ''
      const results = await Promise.all([one.race(file, way), other.race(file, way)])
      const [[added, known] = [], [addedToo, knownToo] = []] = results.map(line =>
        line.split(' ').map(Number),
      )
      expect(results.join()).not.toContain('!')
      expect([(added ?? 0) + (addedToo ?? 0), (known ?? 0) + (knownToo ?? 0)]).toEqual([
        EVENTS,
        EVENTS,
      ])
      expect((await eventsIn(file)).sort()).toEqual(all)
    }
  },
  RACES * 3_600,
)

test(
  'six processes that create the same file at the same time all succeed',
  async () => {
    using folder = temporaryFolder()
    await using stack = new AsyncDisposableStack()
    const racers = Array.from({ length: 6 }, () => stack.use(startRacer()))
    for (let race = 0; race < 2 * RACES; race++) {
      const file = join(folder.path, `${race}.db`)
      const results = await Promise.all(racers.map(racer => racer.race(file, 'open')))
      expect(results).toEqual(racers.map(() => '0 0'))
    }
  },
  RACES * 3_600,
)

function expectSuccess({ code, stderr }: Ended): void {
  expect(stderr).not.toContain('error')
  expect(code).toBe(0)
}

/** Events in the format of Scaleway's API. */
function linesOf(first: number, count: number): string {
  return Array.from({ length: count }, (_, more) =>
    JSON.stringify(logOf(numbered(first + more))),
  ).join('\n')
}

const GIVEN_UP = 5

/** Waits for the lock with SQLite's default timeout, and then gives up. */
const SQLITE_WAITS = `
  const file = new (require('better-sqlite3'))(process.argv[1])
  try { file.exec('BEGIN IMMEDIATE') } catch { process.exitCode = ${GIVEN_UP} }`

test('commands wait for a long write of another process for longer than SQLite does, and then succeed', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const options = { cwd: folder.path, environment: { IAM_LOGS_DATABASE: file } }
  expect(await run(['migrate'], options)).toMatchObject({ code: 0 })
  const writer = new Database(file)
  writer.exec('BEGIN IMMEDIATE')
  const waiting = [
    start(['import', '-'], { ...options, input: linesOf(0, 10) }),
    start(['token', 'create', '--organization', ORGANIZATION, '--owner'], options),
  ]
  const first = Promise.race(waiting.map(({ ended }) => ended))
  const other = spawn(process.execPath, ['-e', SQLITE_WAITS, file], { cwd: import.meta.dirname })
  expect(await Promise.race([first, once(other, 'exit')])).toEqual([GIVEN_UP, null])
  writer.exec('COMMIT')
  writer.close()
  for (const { ended } of waiting) expectSuccess(await ended)
  expect(await eventsIn(file)).toHaveLength(10)
})

test('two imports and two token commands succeed beside a server, which answers meanwhile', async () => {
  using folder = temporaryFolder()
  const options = { cwd: folder.path, environment: { IAM_LOGS_PORT: '0' } }
  const server = start(['serve', '--no-sample'], options)
  const [url = ''] = /http:\/\/[\d.:]+/.exec(await server.line(/listening|GraphiQL/)) ?? []
  const COUNT = 30_000
  writeFileSync(join(folder.path, 'log.ndjson'), linesOf(0, COUNT))
  const imports = [1, 2].map(() => start(['import', 'log.ndjson'], options))
  const owners = ['token', 'create', '--organization', ORGANIZATION, '--owner']
  const tokens = await Promise.all([run(owners, options), run(owners, options)])
  for (const token of tokens) {
    expectSuccess(token)
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token.stdout.trim() },
      body: JSON.stringify({ query: '{ viewer { id } organizations { events { totalCount } } }' }),
    })
    expect(await answer.json()).not.toHaveProperty('errors')
  }
  const ended = await Promise.all(imports.map(({ ended }) => ended))
  ended.forEach(expectSuccess)
  const added = ended.map(({ stdout }) =>
    Number(/ ([\d,]+) new/.exec(stdout)?.[1]?.replace(',', '')),
  )
  expect(added.reduce((sum, more) => sum + more)).toBe(COUNT)
  expect(await server.stop()).toMatchObject({ code: 0 })
  expect(new Set(await eventsIn(join(folder.path, 'iam-logs.db'))).size).toBe(COUNT)
})
