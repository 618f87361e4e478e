// iam-logs doctor, as a process: one table, and of whatever does not work what to do; never a secret, and nothing is
// changed by looking.

import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, run, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { makeSchema, SERVER_URL } from './support/postgres.ts'
import { type FakeScaleway, startFakeScaleway } from './support/scaleway.ts'

/** The rows by what was looked at; of several the last. */
function rows({ stdout }: Ended): ReadonlyMap<string, readonly [state: string, text: string]> {
  return new Map(
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [, state = '', check = '', text = ''] =
          /^(\w+) +(\S+(?: \S+)*?) {2,}(.*)$/.exec(line) ?? []
        return [check, [state, text]] as const
      }),
  )
}

function doctor(cwd: string, environment: Record<string, string> = {}, args: string[] = []) {
  return run(['doctor', ...args], { cwd, environment: { IAM_LOGS_PORT: '1', ...environment } })
}

describe('of a database', () => {
  test('that is not there yet finds nothing at fault, and makes none', async () => {
    using folder = temporaryFolder()
    const ended = await doctor(folder.path)
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    expect(rows(ended).get('database')).toEqual([
      'ok',
      expect.stringContaining('does not exist yet'),
    ])
    expect(() => statSync(join(folder.path, 'iam-logs.db'))).toThrow()
  })

  test('that is sound says what is in it', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await run(['sample', '--events', '100', '--organizations', '2'], { cwd })
    const ended = await doctor(cwd)
    expect(ended.code).toBe(0)
    const found = rows(ended)
    expect([...found.values()].map(([state]) => state)).not.toContain('FAULT')
    expect(found.get('contents')?.[1]).toContain('100 events of 2 Organizations')
    expect([...found.keys()]).toEqual([
      'Node',
      'settings',
      'database',
      'migrations',
      'contents',
      'write-ahead log',
      'writable',
      'disk',
      'server',
      'API key',
      'clock',
    ])
  })

  test('names who holds a log that cannot be emptied', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const file = join(cwd, 'iam-logs.db')
    await run(['sample', '--events', '100'], { cwd })
    const reader = new Database(file)
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM events').get()
    truncateSync(`${file}-wal`, 600 * 2 ** 20)
    const held = rows(await doctor(cwd)).get('write-ahead log')
    expect(held?.[0]).toBe('warn')
    const who = existsSync('/proc/locks') ? `process ${process.pid} (` : 'another process'
    expect(held?.[1]).toContain(`600 MiB, but it should be emptied at 40 MiB; ${who}`)
    reader.exec('COMMIT')
    const free = rows(await doctor(cwd)).get('write-ahead log')
    expect(free?.[1]).toContain('another process reads the file, or did until now')
    reader.close()
  })

  test.each([
    ['older', -1, 0, 'warn', 'iam-logs migrate'],
    ['newer', 1, 1, 'FAULT', 'use the version that made it'],
  ])('of an %s version leaves it as it is', async (_, direction, code, state, remedy) => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await run(['migrate'], { cwd })
    const db = new Database(join(cwd, 'iam-logs.db'))
    const change =
      direction > 0
        ? 'INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at + 1 FROM __drizzle_migrations'
        : 'DELETE FROM __drizzle_migrations WHERE created_at = (SELECT max(created_at) FROM __drizzle_migrations)'
    db.exec(change)
    const applied = () => db.prepare('SELECT count(*) FROM __drizzle_migrations').pluck().get()
    const before = applied()
    const ended = await doctor(cwd)
    expect(ended.code).toBe(code)
    expect(rows(ended).get('migrations')).toEqual([state, expect.stringContaining(remedy)])
    expect(applied()).toBe(before)
    db.close()
  })

  test('that is damaged, none, or in a folder that is not there, is a fault', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    writeFileSync(join(cwd, 'notes.txt'), 'Not a database, but long enough.'.repeat(200))
    for (const [name, found] of [
      ['notes.txt', 'file is not a database'],
      ['missing/log.db', 'does not exist'],
      ['mysql://root:hunter2@db/x', 'not an address that this version can open'],
    ] as const) {
      const ended = await doctor(cwd, {}, ['--database', name])
      expect(ended.code).toBe(1)
      expect(rows(ended).get('database')).toEqual(['FAULT', expect.stringContaining(found)])
      expect(rows(ended).get('database')?.[1]).toContain(' -> ')
      expect(ended.stdout).not.toContain('hunter2')
    }
  })

  test('that holds the writer up is told', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await run(['migrate'], { cwd })
    const db = new Database(join(cwd, 'iam-logs.db'))
    db.exec('BEGIN IMMEDIATE')
    const ended = await doctor(cwd)
    db.close()
    expect(rows(ended).get('writable')?.[0]).toBe('warn')
  })

  test.skipIf(process.getuid?.() === 0)('that may not be written is a fault', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await run(['migrate'], { cwd })
    chmodSync(join(cwd, 'iam-logs.db'), 0o400)
    const ended = await doctor(cwd)
    expect(rows(ended).get('writable')?.[0]).toBe('FAULT')
  })
})

describe.skipIf(SERVER_URL === null)('of PostgreSQL', () => {
  test('tells one that is not up to date from one that is, and one that is not reached', async () => {
    using folder = temporaryFolder()
    await using schema = await makeSchema()
    const environment = { IAM_LOGS_DATABASE: schema.url }
    const before = await doctor(folder.path, environment)
    expect(before.code).toBe(1)
    expect(rows(before).get('migrations')).toEqual(['FAULT', expect.stringContaining('migrate')])
    await run(['migrate'], { cwd: folder.path, environment })
    const after = await doctor(folder.path, environment)
    expect(after.code).toBe(0)
    for (const check of ['database', 'migrations', 'writable', 'durable', 'clock']) {
      expect(rows(after).get(check)?.[0]).toBe('ok')
    }
    const gone = await doctor(folder.path, {
      IAM_LOGS_DATABASE: 'postgres://iam:hunter2@127.0.0.1:1/none',
    })
    expect(gone.code).toBe(1)
    expect(rows(gone).get('database')?.[0]).toBe('FAULT')
    expect(gone.stdout + gone.stderr).not.toContain('hunter2')
  })
})

describe('of Scaleway', () => {
  let fake: FakeScaleway
  beforeAll(async () => {
    fake = await startFakeScaleway()
  })
  afterAll(() => fake.close())

  function environment(given: Record<string, string> = {}) {
    return {
      SCW_ACCESS_KEY: fake.accessKey,
      SCW_SECRET_KEY: fake.secretKey,
      SCW_API_URL: fake.url,
      SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
      ...given,
    }
  }

  test('finds it reached, with a key that may read, and clocks alike', async () => {
    using folder = temporaryFolder()
    fake.reset()
    fake.organization(ORGANIZATION)
    const ended = await doctor(folder.path, environment())
    expect(ended.code).toBe(0)
    expect(rows(ended).get('permission')).toEqual([
      'ok',
      `${fake.accessKey} can read logs, users, applications, groups, policies, api-keys`,
    ])
    expect(rows(ended).get('clock')).toEqual(['ok', 'same as the clock of Scaleway'])
    expect(fake.requests.map(({ list }) => list)).toEqual([
      'logs',
      'users',
      'applications',
      'groups',
      'policies',
      'api-keys',
    ])
    expect(ended.stdout).not.toContain(fake.secretKey)
  })

  test('says which right a key lacks, and which are only missed', async () => {
    using folder = temporaryFolder()
    fake.reset()
    fake.organization(ORGANIZATION).forbid('groups')
    const some = await doctor(folder.path, environment())
    expect(some.code).toBe(0)
    expect(some.stdout).toMatch(/^warn .*groups of .*not allowed -> .*IAMGroupReadOnly/m)
    fake.organization(ORGANIZATION).forbid('logs')
    const none = await doctor(folder.path, environment())
    expect(none.code).toBe(1)
    expect(none.stdout).toMatch(/^FAULT .*logs of .*not allowed -> .*IAMReadOnly/m)
  })

  test('says that a key is not accepted, and half of one is half', async () => {
    using folder = temporaryFolder()
    const wrong = 'fa4e0000-0000-4000-8000-0000000000ff'
    const ended = await doctor(folder.path, environment({ SCW_SECRET_KEY: wrong }))
    expect(ended.code).toBe(1)
    expect(rows(ended).get('API key')?.[0]).toBe('FAULT')
    expect(ended.stdout + ended.stderr).not.toContain(wrong)
    const half = await doctor(folder.path, { SCW_ACCESS_KEY: fake.accessKey })
    expect(rows(half).get('API key')).toEqual(['FAULT', expect.stringContaining('SCW_SECRET_KEY')])
  })

  test('says that it is asked too much, is out of order, or is not there', async () => {
    using folder = temporaryFolder()
    fake.reset()
    fake.organization(ORGANIZATION)
    fake.faults = [{ kind: 'retry-after', after: 7 }]
    const often = await doctor(folder.path, environment())
    expect(rows(often).get('rate')).toEqual(['warn', expect.stringContaining('try again in 7 s')])
    fake.faults = [{ kind: 'status', status: 503 }]
    expect(rows(await doctor(folder.path, environment())).get('upstream')?.[0]).toBe('warn')
    const gone = environment({ SCW_API_URL: 'http://127.0.0.1:1' })
    const ended = await doctor(folder.path, gone)
    expect([ended.code, rows(ended).get('upstream')?.[0]]).toEqual([1, 'FAULT'])
  })
})

describe('of a clock', () => {
  let server: Server
  afterEach(() => server.close())

  test.each([
    [-30, 0, 'warn', 'ahead of'],
    [600, 1, 'FAULT', 'behind'],
  ])('that is %i s from that of Scaleway says so', async (seconds, code, state, words) => {
    using folder = temporaryFolder()
    server = createServer((_, response) => {
      response.writeHead(200, { date: new Date(Date.now() + seconds * 1000).toUTCString() })
      response.end('{"logs":[],"total_count":0}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const ended = await doctor(folder.path, {
      SCW_ACCESS_KEY: 'SCWFAKEFAKEFAKEFAKE0',
      SCW_SECRET_KEY: 'fa4e0000-0000-4000-8000-000000000001',
      SCW_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
    })
    expect(ended.code).toBe(code)
    expect(rows(ended).get('clock')).toEqual([state, expect.stringContaining(words)])
  })
})

test('of settings tells every complaint, and names that are none', async () => {
  using folder = temporaryFolder()
  const ended = await doctor(folder.path, {
    IAM_LOGS_PORT: 'many',
    IAM_LOGS_WORKERS: '0',
    IAM_LOGS_DATABSE: 'x.db',
  })
  expect(ended.code).toBe(1)
  expect(ended.stdout).toMatch(/^FAULT +settings .*IAM_LOGS_PORT.*IAM_LOGS_WORKERS/m)
  expect(ended.stdout).toMatch(/^warn +settings +IAM_LOGS_DATABSE is not a setting -> /m)
})

test('of the machine: the unit for systemd and the Dockerfile start commands that there are', () => {
  const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  expect(read('packaging/iam-logs.service')).toMatch(/^ExecStart=\S+\/iam-logs serve --no-sample$/m)
  expect(read('Dockerfile')).toContain('ENTRYPOINT ["iam-logs"]\nCMD ["serve", "--no-sample"]')
})
