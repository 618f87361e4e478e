// The command iam-logs doctor: one table of checks, with what to do about each fault. It shows no secret and changes
// nothing.

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

/** The rows of the table by check; the last one if a check has several. */
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

describe('iam-logs doctor, for a SQLite database', () => {
  test('reports no fault if the file does not exist yet, and does not create it', async () => {
    using folder = temporaryFolder()
    const result = await doctor(folder.path)
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(rows(result).get('database')).toEqual([
      'ok',
      expect.stringContaining('does not exist yet'),
    ])
    expect(() => statSync(join(folder.path, 'iam-logs.db'))).toThrow()
  })

  test('reports the contents of an intact file, and no fault in any check', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await run(['sample', '--events', '100', '--organizations', '2'], { cwd })
    const result = await doctor(cwd)
    expect(result.code).toBe(0)
    const found = rows(result)
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

  test('warns of a write-ahead log that cannot be emptied, and names the process that prevents it', async () => {
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
    const holder = existsSync('/proc/locks') ? `process ${process.pid} (` : 'another process'
    expect(held?.[1]).toContain(`600 MiB, but it should be emptied at 40 MiB; ${holder}`)
    reader.exec('COMMIT')
    const released = rows(await doctor(cwd)).get('write-ahead log')
    expect(released?.[1]).toContain('another process reads the file, or did until now')
    reader.close()
  })

  test.each([
    ['older', -1, 0, 'warn', 'iam-logs migrate'],
    ['newer', 1, 1, 'FAULT', 'use the version that made it'],
  ])(
    'says what to do about a file of an %s version, and does not change it',
    async (_, direction, code, state, remedy) => {
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
      const result = await doctor(cwd)
      expect(result.code).toBe(code)
      expect(rows(result).get('migrations')).toEqual([state, expect.stringContaining(remedy)])
      expect(applied()).toBe(before)
      db.close()
    },
  )

  test('reports a fault for a file that is not a database, a missing folder, and an unknown kind of address', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    writeFileSync(join(cwd, 'notes.txt'), 'Not a database, but long enough.'.repeat(200))
    for (const [name, fault] of [
      ['notes.txt', 'file is not a database'],
      ['missing/log.db', 'does not exist'],
      ['mysql://root:hunter2@db/x', 'not an address that this version can open'],
    ] as const) {
      const result = await doctor(cwd, {}, ['--database', name])
      expect(result.code).toBe(1)
      expect(rows(result).get('database')).toEqual(['FAULT', expect.stringContaining(fault)])
      expect(rows(result).get('database')?.[1]).toContain(' -> ')
      expect(result.stdout).not.toContain('hunter2')
    }
  })

  test('warns if another process blocks writing', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await run(['migrate'], { cwd })
    const db = new Database(join(cwd, 'iam-logs.db'))
    db.exec('BEGIN IMMEDIATE')
    const result = await doctor(cwd)
    db.close()
    expect(rows(result).get('writable')?.[0]).toBe('warn')
  })

  test.skipIf(process.getuid?.() === 0)('reports a fault if the file is read-only', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await run(['migrate'], { cwd })
    chmodSync(join(cwd, 'iam-logs.db'), 0o400)
    const result = await doctor(cwd)
    expect(rows(result).get('writable')?.[0]).toBe('FAULT')
  })
})

describe.skipIf(SERVER_URL === null)('iam-logs doctor, for PostgreSQL', () => {
  test('reports a fault before a migration and none after it, and a fault if no server is reached', async () => {
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
    const unreachable = await doctor(folder.path, {
      IAM_LOGS_DATABASE: 'postgres://iam:hunter2@127.0.0.1:1/none',
    })
    expect(unreachable.code).toBe(1)
    expect(rows(unreachable).get('database')?.[0]).toBe('FAULT')
    expect(unreachable.stdout + unreachable.stderr).not.toContain('hunter2')
  })
})

describe("iam-logs doctor, for Scaleway's API", () => {
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

  test('reports which lists the API key can read, and that the clocks agree', async () => {
    using folder = temporaryFolder()
    fake.reset()
    fake.organization(ORGANIZATION)
    const result = await doctor(folder.path, environment())
    expect(result.code).toBe(0)
    expect(rows(result).get('permission')).toEqual([
      'ok',
      `${fake.accessKey} can read logs, users, applications, groups, policies, api-keys`,
    ])
    expect(rows(result).get('clock')).toEqual(['ok', 'same as the clock of Scaleway'])
    expect(fake.requests.map(({ list }) => list)).toEqual([
      'logs',
      'users',
      'applications',
      'groups',
      'policies',
      'api-keys',
    ])
    expect(result.stdout).not.toContain(fake.secretKey)
  })

  test('warns of a list that the API key may not read, and reports a fault if it is the log', async () => {
    using folder = temporaryFolder()
    fake.reset()
    fake.organization(ORGANIZATION).forbid('groups')
    const withoutGroups = await doctor(folder.path, environment())
    expect(withoutGroups.code).toBe(0)
    expect(withoutGroups.stdout).toMatch(/^warn .*groups of .*not allowed -> .*IAMGroupReadOnly/m)
    fake.organization(ORGANIZATION).forbid('logs')
    const withoutLogs = await doctor(folder.path, environment())
    expect(withoutLogs.code).toBe(1)
    expect(withoutLogs.stdout).toMatch(/^FAULT .*logs of .*not allowed -> .*IAMReadOnly/m)
  })

  test('reports a fault if the API key is not accepted, and if half of it is missing', async () => {
    using folder = temporaryFolder()
    const wrong = 'fa4e0000-0000-4000-8000-0000000000ff'
    const result = await doctor(folder.path, environment({ SCW_SECRET_KEY: wrong }))
    expect(result.code).toBe(1)
    expect(rows(result).get('API key')?.[0]).toBe('FAULT')
    expect(result.stdout + result.stderr).not.toContain(wrong)
    const half = await doctor(folder.path, { SCW_ACCESS_KEY: fake.accessKey })
    expect(rows(half).get('API key')).toEqual(['FAULT', expect.stringContaining('SCW_SECRET_KEY')])
  })

  test('warns if Scaleway limits the rate or fails, and reports a fault if it cannot be reached', async () => {
    using folder = temporaryFolder()
    fake.reset()
    fake.organization(ORGANIZATION)
    fake.faults = [{ kind: 'retry-after', after: 7 }]
    const limited = await doctor(folder.path, environment())
    expect(rows(limited).get('rate')).toEqual(['warn', expect.stringContaining('try again in 7 s')])
    fake.faults = [{ kind: 'status', status: 503 }]
    expect(rows(await doctor(folder.path, environment())).get('upstream')?.[0]).toBe('warn')
    const unreachable = environment({ SCW_API_URL: 'http://127.0.0.1:1' })
    const result = await doctor(folder.path, unreachable)
    expect([result.code, rows(result).get('upstream')?.[0]]).toEqual([1, 'FAULT'])
  })
})

describe('iam-logs doctor, for the clock', () => {
  let server: Server
  afterEach(() => server.close())

  test.each([
    [-30, 0, 'warn', 'ahead of'],
    [600, 1, 'FAULT', 'behind'],
  ])(
    "if Scaleway's clock differs by %i s, exits with code %i and reports %s: it is %s",
    async (seconds, code, state, words) => {
      using folder = temporaryFolder()
      server = createServer((_, response) => {
        response.writeHead(200, { date: new Date(Date.now() + seconds * 1000).toUTCString() })
        response.end('{"logs":[],"total_count":0}')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const result = await doctor(folder.path, {
        SCW_ACCESS_KEY: 'SCWFAKEFAKEFAKEFAKE0',
        SCW_SECRET_KEY: 'fa4e0000-0000-4000-8000-000000000001',
        SCW_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
      })
      expect(result.code).toBe(code)
      expect(rows(result).get('clock')).toEqual([state, expect.stringContaining(words)])
    },
  )
})

test('iam-logs doctor reports every invalid setting, and warns of names that are not settings', async () => {
  using folder = temporaryFolder()
  const result = await doctor(folder.path, {
    IAM_LOGS_PORT: 'many',
    IAM_LOGS_WORKERS: '0',
    IAM_LOGS_DATABSE: 'x.db',
  })
  expect(result.code).toBe(1)
  expect(result.stdout).toMatch(/^FAULT +settings .*IAM_LOGS_PORT.*IAM_LOGS_WORKERS/m)
  expect(result.stdout).toMatch(/^warn +settings +IAM_LOGS_DATABSE is not a setting -> /m)
})

test('the systemd unit and the Dockerfile start `iam-logs serve --no-sample`', () => {
  const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  expect(read('packaging/iam-logs.service')).toMatch(/^ExecStart=\S+\/iam-logs serve --no-sample$/m)
  expect(read('Dockerfile')).toContain('ENTRYPOINT ["iam-logs"]\nCMD ["serve", "--no-sample"]')
})
