// The commands import, token, verify and serve, each run as a process in an empty folder: output, exit code, and the
// database afterwards.

import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Event } from '../src/event.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { emptyDatabase, run, start, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION } from './support/events.ts'
import { logOf } from './support/scaleway-items.ts'
import { ownerOf } from './support/viewers.ts'

const EVENTS = [
  event(),
  event({ category: 'api_key', resourceId: 'SCWAAAAAAAAAAAAAAAAA' }),
  event(),
]

/** The same events in the JSON of Scaleway's API. */
const LOGS = EVENTS.map(logOf)

const FORMATS: Readonly<Record<string, string>> = {
  'a JSON array': JSON.stringify(LOGS, null, 2),
  "a response of Scaleway's API": JSON.stringify({ logs: LOGS, total_count: 3 }),
  NDJSON: LOGS.map(log => `${JSON.stringify(log)}\n`).join(''),
}

/** Exactly one line, which is an error. */
const ONE_ERROR = /^error: [^\n]+\n$/

describe.concurrent('iam-logs import', () => {
  test.each(Object.entries(FORMATS))(
    'reads %s from a file and from standard input, and stores each event once',
    async (_, text) => {
      using folder = temporaryFolder()
      const cwd = folder.path
      writeFileSync(join(cwd, 'logs.json'), text)
      const first = await run(['import', 'logs.json'], { cwd })
      expect(first).toEqual({
        code: 0,
        stdout: 'logs.json: 3 new events, 0 already here\n',
        stderr: '',
      })
      const again = await run(['import', '-', 'logs.json'], { cwd, input: text })
      expect(again).toEqual({
        code: 0,
        stdout:
          'standard input: 0 new events, 3 already here\nlogs.json: 0 new events, 3 already here\n',
        stderr: '',
      })
      expect(await eventsIn(join(cwd, 'iam-logs.db'))).toEqual(EVENTS)
    },
  )

  test('does not store events again that retention has dropped, and counts them apart from those already here', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const [log] = LOGS
    const late = { ...log, id: randomUUID(), created_at: '2026-02-01T00:00:00Z' }
    const input = JSON.stringify([...LOGS, late])
    await run(['import', '-'], { cwd, input })
    await run(['retention', '--before', '2026-02-01', '--yes'], { cwd })
    expect((await run(['import', '-'], { cwd, input })).stdout).toBe(
      'standard input: 0 new events, 1 already here, 3 older than what is kept\n',
    )
    const earlier = await run(['retention', '--before', '2026-01-01', '--yes'], { cwd })
    expect(earlier.stdout).toMatch(
      /\nnothing was deleted: no events are dated before 2026-01-01\n$/,
    )
  })

  test('reports file, line and field of each invalid event, imports the others and exits with code 1', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const [first, second, third] = LOGS
    const lines = [
      JSON.stringify(first),
      JSON.stringify({ ...second, created_at: 'yesterday' }),
      '{"id": broken',
      JSON.stringify({ ...second, organization_id: undefined }),
      JSON.stringify(third),
    ]
    writeFileSync(join(cwd, 'day.ndjson'), lines.join('\n'))
    const result = await run(['import', 'day.ndjson'], { cwd })
    expect(result).toEqual({
      code: 1,
      stdout: 'day.ndjson: 2 new events, 0 already here, 3 invalid and left out\n',
      stderr: [
        'day.ndjson: line 2: created_at is not an RFC 3339 date with an offset: "yesterday"\n',
        'day.ndjson: line 3: not valid JSON\n',
        'day.ndjson: line 4: organization_id is missing\n',
      ].join(''),
    })
    expect(await eventsIn(join(cwd, 'iam-logs.db'))).toEqual([EVENTS[0], EVENTS[2]])
  })

  test('reports the first hundred faults of each file, and how many there are', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const wrong = Array.from({ length: 150 }, () => ({ id: 1 }))
    writeFileSync(join(cwd, 'logs.json'), JSON.stringify(wrong))
    writeFileSync(join(cwd, 'users.json'), JSON.stringify({ users: wrong, total_count: 150 }))
    const command = words('import logs.json --directory users.json')
    const { code, stderr } = await run(command, { cwd })
    expect(code).toBe(1)
    const lines = stderr.split('\n')
    for (const name of ['logs.json', 'users.json']) {
      expect(lines.filter(line => line.startsWith(name))).toHaveLength(101)
      expect(lines).toContain(`${name}: the first 100 of 150 faults are shown above`)
    }
  })

  test('imports nothing if one of several files is missing', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    writeFileSync(join(cwd, 'logs.json'), JSON.stringify(LOGS))
    const { code, stdout, stderr } = await run(['import', 'logs.json', 'missing.json'], { cwd })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(ONE_ERROR)
    expect(stderr).toContain('"missing.json"')
    expect(await eventsIn(join(cwd, 'iam-logs.db'))).toEqual([])
  })

  test('reads the names of principals from the file given with --directory', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const [{ principalId }] = EVENTS as [(typeof EVENTS)[0]]
    const application = { id: principalId, organization_id: ORGANIZATION, name: 'terraform' }
    writeFileSync(join(cwd, 'logs.json'), JSON.stringify(LOGS))
    writeFileSync(
      join(cwd, 'apps.json'),
      JSON.stringify({ applications: [application], total_count: 1 }),
    )
    const { code, stdout, stderr } = await run(
      ['import', 'logs.json', '--directory', 'apps.json'],
      { cwd },
    )
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(
      `apps.json: 1 application of ${ORGANIZATION}, 1 new or changed, 0 removed\n`,
    )
    const names = await inLog(join(cwd, 'iam-logs.db'), async log =>
      (await log.directoryById([principalId])).map(entry => entry?.name),
    )
    expect(names).toEqual(['terraform'])
  })
})

describe.concurrent('errors before a command starts', () => {
  test.each([
    ['bogus', "unknown command 'bogus'"],
    ['serve --bogus', "unknown option '--bogus'"],
    ['import', 'nothing to import'],
    ['token create --owner', "required option '--organization <id>' not specified"],
    ['token create --owner --organization me', '"me" is not a UUID'],
    [`token create --organization ${ORGANIZATION}`, 'exactly one of --owner, --permission-set'],
    [`token create --organization ${ORGANIZATION} --owner --expires soon`, 'a duration such as'],
    ['token revoke', "missing required argument 'id'"],
  ])(
    'iam-logs %s exits with one line that names the mistake and the help to read',
    async (command, message) => {
      using folder = temporaryFolder()
      const { code, stdout, stderr } = await run(words(command), { cwd: folder.path })
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(ONE_ERROR)
      expect(stderr).toContain(message)
      expect(stderr).toMatch(/ \(see iam-logs [a-z ]*--help\)\n$/)
    },
  )

  test('all invalid settings are reported together in one line', async () => {
    using folder = temporaryFolder()
    const { code, stdout, stderr } = await run(['migrate'], {
      cwd: folder.path,
      environment: { IAM_LOGS_PORT: 'abc', IAM_LOGS_SCALEWAY_PRINCIPAL_IDS: `${ORGANIZATION},you` },
    })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(ONE_ERROR)
    expect(stderr).toContain('IAM_LOGS_PORT ("abc") is not a port')
    expect(stderr).toContain('IAM_LOGS_SCALEWAY_PRINCIPAL_IDS')
    expect(stderr).toContain('"you"')
  })

  const node = outdatedNode()
  test.skipIf(node === null)(
    'a Node.js version that is too old is reported in one line',
    async () => {
      using folder = temporaryFolder()
      const { code, stdout, stderr } = await run(['--help'], { cwd: folder.path, node: node ?? '' })
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^iam-logs needs Node 22\.18 or newer, and this is [\d.]+; [^\n]+\n$/)
    },
  )
})

describe.concurrent('iam-logs token', () => {
  test('creates a token, lists it without its secret, and revokes it once', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await emptyDatabase(cwd)
    const created = await run(
      words(`token create --organization ${ORGANIZATION} --permission-set IAMReadOnly --name ci`),
      { cwd },
    )
    expect(created.code).toBe(0)
    expect(created.stdout).toMatch(/^ilg_[\w-]{43}\n$/)
    const id = /token ([0-9a-f-]{36}) /.exec(created.stderr)?.[1] ?? ''
    const listed = await run(['token', 'list'], { cwd })
    expect(listed.stdout).toMatch(/^ID +NAME +CREATED +EXPIRES +SEES\n/)
    expect(listed.stdout).toContain(`${ORGANIZATION}: IAMReadOnly\n`)
    expect(listed.stdout).toContain(id)
    expect(listed.stdout).not.toContain(created.stdout.trim())
    const revoked = await run(['token', 'revoke', id], { cwd })
    expect(revoked).toEqual({ code: 0, stdout: `token ${id} is revoked\n`, stderr: '' })
    const again = await run(['token', 'revoke', id], { cwd })
    expect([again.code, again.stdout]).toEqual([1, ''])
    expect(again.stderr).toMatch(ONE_ERROR)
  })

  test('creates permissions for the subject of a JSON Web Token, without a secret and only once', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const create = words(
      `token create --organization ${ORGANIZATION} --owner --subject alice@example.com`,
    )
    await emptyDatabase(cwd)
    const withoutIssuer = await run(create, { cwd })
    expect([withoutIssuer.code, withoutIssuer.stdout]).toEqual([1, ''])
    expect(withoutIssuer.stderr).toContain('IAM_LOGS_JWT_ISSUER')
    const environment = {
      IAM_LOGS_JWKS_URL: 'https://login.example/keys',
      IAM_LOGS_JWT_ISSUER: 'https://login.example/',
      IAM_LOGS_JWT_AUDIENCE: 'logs',
    }
    const created = await run(create, { cwd, environment })
    expect(created.stdout).toMatch(
      /^token [0-9a-f-]{36}: rights of the subject "alice@example.com"\n$/,
    )
    expect((await run(['token', 'list'], { cwd })).stdout).toContain('  alice@example.com  ')
    const again = await run(create, { cwd, environment })
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(ONE_ERROR)
    expect(again.stderr).toContain('already has rights')
  })

  test('lists an expired token as expired', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await emptyDatabase(cwd)
    const options = `--organization ${ORGANIZATION} --owner --expires 1ms`
    expect((await run(words(`token create ${options}`), { cwd })).code).toBe(0)
    expect((await run(['token', 'list'], { cwd })).stdout).toContain('Z (expired)')
  })
})

describe.concurrent('iam-logs verify', () => {
  test('finds no faults in an intact database, and reports changed bytes without a stack trace', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const file = join(cwd, 'log.db')
    const store = await openStore(file, { scalewayIds: scalewayIds() })
    await store.append(Array.from({ length: 1000 }, () => event()))
    await store.close()
    const verify = ['verify', '--database', 'log.db']
    expect(await run(verify, { cwd })).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^\S{36}: 1,000 events, [0-9a-f]{64}\nlog\.db: no faults found\n$/,
      ),
      stderr: '',
    })
    const bytes = readFileSync(file)
    const middle = Math.floor(bytes.length / 8192) * 4096
    writeFileSync(file, bytes.fill(0xff, middle, middle + 100))
    const { code, stdout, stderr } = await run(verify, { cwd })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).not.toBe('')
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test('reports in one line that a file is not a database', async () => {
    using folder = temporaryFolder()
    writeFileSync(
      join(folder.path, 'notes.txt'),
      'Not a database, but long enough to be one.'.repeat(200),
    )
    const result = await run(['verify', '--database', 'notes.txt'], { cwd: folder.path })
    expect([result.code, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(ONE_ERROR)
    expect(result.stderr).toContain('"notes.txt"')
  })
})

describe('iam-logs serve', () => {
  test.concurrent('without any configuration creates the sample, and prints two links whose token is the same after a restart', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const first = start(['serve', '--port', '0'], { cwd })
    const link = await first.line(/^GraphiQL: /)
    const [, page = '', token = ''] =
      /^GraphiQL: (http:\/\/127\.0\.0\.1:\d+\/)graphql#token=(\S+)$/.exec(link) ?? []
    const url = `${page}graphql`
    const total = await countEvents(url, token)
    expect(total).toBe(20_000)
    const file = join(cwd, 'iam-logs.db.token')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`)
    const stopped = await first.stop()
    expect(stopped.code).toBe(0)
    const links = [`Logs: ${page}#token=${token}`, `GraphiQL: ${url}#token=${token}`]
    expect(stopped.stdout.trimEnd().split('\n').slice(-2)).toEqual(links)
    expect(stopped.stdout.match(/#token=/g)).toHaveLength(2)
    expect(stopped.stderr).not.toContain(token)

    const second = start(['serve', '--port', '0'], { cwd })
    const again = await second.line(/^GraphiQL: /)
    expect(again.split('#')[1]).toBe(`token=${token}`)
    expect(await countEvents(again.slice('GraphiQL: '.length).split('#')[0] ?? '', token)).toBe(
      total,
    )
    expect((await second.stop()).code).toBe(0)
  })

  test.concurrent('does not listen for other machines while the token of the first start is the only one', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const first = start(['serve', '--port', '0'], { cwd })
    await first.line(/#token=/)
    await first.stop()
    const serve = ['serve', '--port', '0', '--host', '0.0.0.0']
    const refused = await run(serve, { cwd })
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toMatch(ONE_ERROR)
    expect(refused.stderr).toContain('iam-logs token create')
    const createToken = `token create --organization ${ORGANIZATION} --owner`
    expect((await run(words(createToken), { cwd })).code).toBe(0)
    const server = start(serve, { cwd })
    await server.line(/listening on/)
    await server.stop()
  })

  test.concurrent.each(['1', '2'])(
    'ends, with %s processes, if it fails after it began to listen',
    async IAM_LOGS_WORKERS => {
      using folder = temporaryFolder()
      mkdirSync(join(folder.path, 'iam-logs.db.token'))
      const options = { cwd: folder.path, environment: { IAM_LOGS_WORKERS } }
      const { code, stderr } = await run(['serve', '--port', '0', '--no-sample'], options)
      expect(code).toBe(1)
      expect(stderr).toMatch(/^error: EISDIR/m)
    },
  )

  test.concurrent('creates no sample and prints no token if --database is given', async () => {
    using folder = temporaryFolder()
    const server = start(['serve', '--port', '0', '--database', 'log.db'], { cwd: folder.path })
    await server.line(/^listening on http:\/\/127\.0\.0\.1:\d+$/)
    await server.line(
      /^There are no events yet\. To import some: .* import FILE --database log\.db$/,
    )
    const { code, stdout } = await server.stop()
    expect(code).toBe(0)
    expect(stdout).not.toContain('ilg_')
    expect(await eventsIn(join(folder.path, 'log.db'))).toEqual([])
  })

  test.concurrent('reports in one line that its port is in use', async () => {
    using folder = temporaryFolder()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const result = await run(['serve', '--no-sample', '--port', String(port)], { cwd: folder.path })
    other.close()
    expect([result.code, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(ONE_ERROR)
    expect(result.stderr).toContain(`port ${port} of 127.0.0.1 is in use`)
  })
})

function words(command: string): string[] {
  return command.split(' ').filter(word => word !== '')
}

/** Opens the database, and reads it as an Owner. */
async function inLog<T>(file: string, ask: (log: LogReader) => Promise<T>): Promise<T> {
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  try {
    return await ask(store.reader(ownerOf(ORGANIZATION)))
  } finally {
    await store.close()
  }
}

/** All events in the database, the oldest first, without `recordedAt`. */
function eventsIn(file: string): Promise<Event[]> {
  return inLog(file, async log => {
    const { events } = await log.events({
      organizationId: ORGANIZATION,
      filter: {},
      order: 'oldest-first',
      after: null,
      before: null,
      limit: 100,
      fromEnd: false,
    })
    return events.map(({ recordedAt, ...event }) => event)
  })
}

/** The number of events that the holder of the token sees, over HTTP. */
async function countEvents(url: string, token: string): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ organizations { events { totalCount } } }' }),
  })
  const { data } = (await answer.json()) as {
    data: { organizations: { events: { totalCount: number } }[] }
  }
  return data.organizations.reduce((sum, { events }) => sum + events.totalCount, 0)
}

/** A Node.js on this machine that is older than the program needs; `null` if there is none. */
function outdatedNode(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin']
  for (const folder of folders) {
    const node = join(folder, 'node')
    if (folder.includes('node_modules') || !existsSync(node)) continue
    const major = /^v(\d+)\./.exec(execFileSync(node, ['-v'], { encoding: 'utf8' }))?.[1]
    if (Number(major) < 22) return node
  }
  return null
}
