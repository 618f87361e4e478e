// The commands iam-logs export and verify-export: an export can be imported again, an interrupted one can be continued,
// and a changed or incomplete file is detected.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { verifyExport } from '../src/transfer/exported-file.ts'
import { ENTRY, run, start, temporaryFolder } from './support/command.ts'
import { arbitraryEvent, at, event, ORGANIZATION, query, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { user } from './support/people.ts'
import { makeSchema, SERVER_URL } from './support/postgres.ts'
import { owner } from './support/viewers.ts'

const NAMES = EXPORT_FORMATS.map(({ name }) => name)

/** Events with unusual values, and random ones. */
const EVENTS: readonly Event[] = [
  event({ userAgent: 'a "b"\\ \u2028\u202e\ud83d\ude00 \t\r\n=1', action: '', category: '' }),
  event({ resourceId: '', principalId: 'root', ipAddress: 'fe80::1%eth0' }),
  event({ ipAddress: '2001:db8::7', userAgent: null, action: 'archived', category: 'saml' }),
  event({ createdAt: at('1969-12-31T23:59:59.999999Z'), ipAddress: 'not an address' }),
  event({ createdAt: at('2225-01-01T00:00:00.000001Z'), userAgent: 'é'.repeat(65_000) }),
  event({ principalId: '00000000-0000-0000-0000-000000000000', ipAddress: null }),
  ...fc
    .sample(arbitraryEvent, { numRuns: 500, seed: 1 })
    .map((event, number) => ({ ...event, id: uuid(number, 'ee000000') })),
]

async function fill(url: string, events: readonly Event[] = EVENTS): Promise<void> {
  const store = await openStore(url, { scalewayIds: scalewayIds(), migrate: true })
  await store.append(events)
  await store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'user',
    entries: [user()],
    complete: true,
  })
  await store.close()
}

async function contents(url: string): Promise<Event[]> {
  const store = await openStore(url, { scalewayIds: scalewayIds() })
  const page = await store.reader(owner).events(query({ limit: 5000, order: 'oldest-first' }))
  await store.close()
  return page.events.map(({ recordedAt, ...event }) => event)
}

const EXPORT = ['export', '--organization', ORGANIZATION]

describe('an export can be imported with every field of every event', () => {
  const databases = SERVER_URL === null ? ['SQLite'] : ['SQLite', 'PostgreSQL']
  const routes = databases.flatMap(from => databases.map(to => [from, to] as const))

  test.each(routes)('from %s to %s', async (from, to) => {
    using folder = temporaryFolder()
    await using stack = new AsyncDisposableStack()
    const databaseOf = async (kind: string, name: string) =>
      kind === 'SQLite' ? join(folder.path, name) : stack.use(await makeSchema()).url
    const [one, two] = [await databaseOf(from, 'one.db'), await databaseOf(to, 'two.db')]
    await fill(one)
    await fill(two, [])
    const options = { cwd: folder.path }
    const exported = await run([...EXPORT, '--database', one], options)
    expect(exported).toMatchObject({ code: 0, stderr: '' })
    const imported = await run(['import', '-', '--database', two], {
      ...options,
      input: exported.stdout,
    })
    expect(imported).toMatchObject({
      code: 0,
      stdout: `standard input: ${EVENTS.length} new events, 0 already here\n`,
      stderr: '',
    })
    expect(await contents(two)).toEqual(await contents(one))
    expect(await contents(two)).toHaveLength(EVENTS.length)
  })
})

describe('iam-logs export', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let complete: string

  const command = (...args: string[]) => run(args, { cwd: folder.path })
  const exported = (...args: string[]) => command(...EXPORT, ...args)
  const file = (name: string) => join(folder.path, name)

  beforeAll(async () => {
    folder = temporaryFolder()
    await fill(file('iam-logs.db'))
    complete = (await exported()).stdout
    return () => folder[Symbol.dispose]()
  })

  test('writes a trailer by which an import detects that a line is missing', async () => {
    const lines = complete.split('\n')
    lines.splice(7, 1)
    const { code, stderr } = await run(['import', '-', '--database', 'other.db'], {
      cwd: folder.path,
      input: lines.join('\n'),
    })
    expect(code).toBe(1)
    expect(stderr).toBe(
      `standard input: line ${EVENTS.length}: the export that ends here has ${EVENTS.length} events, but the file has ${EVENTS.length - 1}: export it again\n`,
    )
  })

  test('contains what an Owner sees, or a viewer with the given permission sets', async () => {
    expect(complete).toMatch('Ada Lovelace')
    const seen = await exported('--permission-set', 'AuditTrailReadOnly')
    expect(seen.stdout).toMatch('"principal_kind":"unknown"')
    expect(seen.stdout).not.toMatch('Ada')
    const nothing = await exported('--permission-set', 'IAMUserReadOnly')
    expect(nothing).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: IAMUserReadOnly: show no events; add one that does, such as AuditTrailReadOnly\n',
    })
  })

  test('filters by the given actions, IP addresses and principals, and excludes others', async () => {
    const { stdout } = await exported(
      '--actions',
      'CREATED,deleted',
      '--ip-addresses',
      '192.0.2.0/24,198.51.100.7',
      '--not-ip-addresses',
      '192.0.2.77',
      '--not-principal-ids',
      uuid(2),
    )
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    const wanted = EVENTS.filter(
      ({ action, ipAddress, principalId }) =>
        ['created', 'deleted'].includes(action) &&
        ['192.0.2.1', '198.51.100.7'].includes(ipAddress ?? '') &&
        principalId !== uuid(2),
    )
    expect(
      rows
        .slice(0, -1)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(wanted.map(({ id }) => id).toSorted())
  })

  test.each([
    [['--actions', 'REMOVED'], /actions: "REMOVED" is not one of CREATED, /],
    [['--created-after', 'monday'], /createdAfter: "monday" is not a date/],
    [['--format', 'xml'], `Allowed choices are ${NAMES.toSorted().join(', ')}.`],
    [['--after', uuid(1)], /--after needs the --snapshot/],
    [['--continue'], /--continue needs --output FILE/],
    [['--output', 'x', '--snapshot', uuid(1), '--after', uuid(1)], /use --continue instead/],
  ])('refuses the arguments %j with a one-line message', async (args, message) => {
    const { code, stdout, stderr } = await exported(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(stderr.match(/\n/g)).toHaveLength(1)
  })

  test('reports an Organization that does not exist', async () => {
    const { code, stderr } = await command('export', '--organization', uuid(404))
    expect([code, stderr]).toEqual([
      1,
      `error: Organization "${uuid(404)}" not found in ./iam-logs.db; import or sync its events first\n`,
    ])
  })

  test('with --snapshot and --after, continues the same export after an event', async () => {
    const lines = complete.split('\n')
    const { snapshot } = JSON.parse(lines.at(-2) ?? '').iam_logs_export
    const { id } = JSON.parse(lines[200] ?? '')
    const rest = await exported('--snapshot', snapshot, '--after', id)
    expect(rest).toMatchObject({ code: 0, stderr: '' })
    expect(rest.stdout).toBe(lines.slice(201).join('\n'))
  })

  test.each(NAMES)(
    'writes %s that verify-export accepts; it reports truncated and changed files',
    async format => {
      const name = `events.${format}`
      const { stdout, stderr } = await exported('--format', format, '--output', name)
      expect([stdout, stderr]).toEqual([
        '',
        expect.stringMatching(new RegExp(`^${name}: ${EVENTS.length} events, snapshot `)),
      ])
      expect(await command('verify-export', name)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(`^${name} is complete: ${EVENTS.length} events, SHA-256 `),
        stderr: '',
      })
      const bytes = readFileSync(file(name))
      writeFileSync(file('short'), bytes.subarray(0, bytes.length / 2))
      writeFileSync(file('longer'), Buffer.concat([bytes, Buffer.from('\n')]))
      writeFileSync(file('other'), 'hello\n')
      const verified = await command('verify-export', name, 'short', 'longer', 'other')
      expect(verified.code).toBe(1)
      expect(verified.stdout).toMatch(/^events\.\w+ is complete: [^\n]+\n$/)
      expect(verified.stderr.split('\n')).toEqual([
        expect.stringMatching(
          /^short is incomplete: \d+ complete events in \d+ bytes, the last .{36}, and no trailer$/,
        ),
        expect.stringMatching(/^longer was changed: /),
        'other is not an export, or contains no complete event',
        '',
      ])
    },
  )

  test.each(NAMES)('writes %s in which any changed or missing byte is detected', async format => {
    await exported('--format', format, '--output', `intact.${format}`)
    const bytes = readFileSync(file(`intact.${format}`))
    const verdict = async (changed: Uint8Array) => {
      writeFileSync(file('changed'), changed)
      return verifyExport(file('changed'))
    }
    expect(await verdict(bytes)).toHaveProperty('events')
    const places = fc.oneof(
      fc.nat(bytes.length - 1),
      fc.nat(300).map(back => bytes.length - 1 - back),
    )
    await fc.assert(
      fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), async (place, flip) => {
        const changed = Buffer.from(bytes)
        changed[place] = (changed[place] ?? 0) ^ flip
        expect(await verdict(changed)).toHaveProperty('fault')
        expect(await verdict(bytes.subarray(0, place))).toHaveProperty('fault')
        const without = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)])
        expect(await verdict(without)).toHaveProperty('fault')
      }),
      { numRuns: LONG ? 750 : 40 },
    )
  })

  test('writes --output completely, and neither replaces nor continues a partial file of an export with other options', async () => {
    const part = () => readdirSync(folder.path).find(name => name.endsWith('.part')) ?? ''
    await exported('--output', 'once.ndjson')
    expect(readFileSync(file('once.ndjson'), 'utf8')).toBe(complete)
    const { snapshot } = JSON.parse(complete.trimEnd().split('\n').at(-1) ?? '').iam_logs_export
    writeFileSync(file(`twice.csv.${snapshot}.0badf00d.part`), 'id,')
    const refused = await exported('--output', 'twice.csv')
    expect(refused).toMatchObject({
      code: 1,
      stderr: `error: ${part()} is the partial file of an interrupted export; add --continue to resume it, or remove the file\n`,
    })
    const other = await exported('--output', 'twice.csv', '--continue')
    expect(other.stderr).toMatch(
      /is the partial file of an export with other options; give the same options/,
    )
    expect(existsSync(file('twice.csv'))).toBe(false)
  })

  test('can omit the trailer, use another separator, and write for spreadsheets', async () => {
    const bare = await exported('--no-trailer')
    expect(bare.stdout).toBe(complete.slice(0, complete.indexOf('{"iam_logs_export"')))
    const options = ['--format', 'csv', '--no-trailer', '--separator', ';', '--spreadsheet']
    const { stderr } = await exported(...options, '--output', 'bare.csv')
    expect(stderr).toMatch(`bare.csv: ${EVENTS.length} events`)
    const text = readFileSync(file('bare.csv'), 'utf8')
    expect(text).toMatch(/^\ufeffid;created_at_utc;/)
    expect(text).not.toContain('#end')
    expect(text).toBe((await exported(...options)).stdout)
    for (const wrong of [
      ['--separator', '|', '--format', 'csv'],
      ['--spreadsheet'],
      ['--separator', ';'],
    ]) {
      const { code, stdout } = await exported(...wrong)
      expect([code, stdout]).toEqual([2, ''])
    }
  })

  test('with --continue, starts a new export if there is no partial file', async () => {
    await exported('--output', 'new.ndjson', '--continue')
    expect(readFileSync(file('new.ndjson'), 'utf8')).toBe(complete)
  })
})

describe('an export that is killed', () => {
  let original: ReturnType<typeof temporaryFolder>

  beforeAll(async () => {
    original = temporaryFolder()
    const events = Array.from({ length: 20_000 }, () => event({ userAgent: 'a\n"b"' }))
    await fill(join(original.path, 'iam-logs.db'), events)
    return () => original[Symbol.dispose]()
  })

  const variants: readonly (readonly [format: string, more: readonly string[]])[] = [
    ...NAMES.filter(name => LONG || name === 'ndjson').map(name => [name, []] as const),
    ['csv', ['--no-trailer', '--spreadsheet', '--separator', ';']],
  ]
  test.each(variants)(
    'can be continued to the same %s file with the options %j',
    async (format, more) => {
      using folder = temporaryFolder()
      const database = join(folder.path, 'iam-logs.db')
      cpSync(join(original.path, 'iam-logs.db'), database)
      const exportTo = [...EXPORT, '--format', format, ...more, '--output']
      const options = { cwd: folder.path }
      await run([...exportTo, 'complete'], options)

      const parts = () => readdirSync(folder.path).filter(name => name.endsWith('.part'))
      const running = start([...exportTo, 'interrupted'], options)
      const size = () =>
        parts().reduce((sum, part) => sum + statSync(join(folder.path, part)).size, 0)
      while (size() === 0) await delay(1)
      await running.kill()
      const [part = ''] = parts()
      expect(statSync(join(folder.path, part)).size).toBeLessThan(
        statSync(join(folder.path, 'complete')).size,
      )
      // A crash may leave an incomplete row.
      appendFileSync(join(folder.path, part), '{"id":"half of')
      await fill(database, [event({ createdAt: 1 }), event()])
      const continued = await run([...exportTo, 'interrupted', '--continue'], options)
      expect(continued.stderr).toMatch(/^interrupted: 20,000 events, snapshot /)
      const [interrupted, complete] = ['interrupted', 'complete'].map(name =>
        readFileSync(join(folder.path, name), 'latin1'),
      )
      expect(interrupted === complete).toBe(true)
      expect(parts()).toEqual([])
    },
  )
})

test('an export to standard output during which events are deleted ends with one line', async () => {
  using folder = temporaryFolder()
  await fill(
    join(folder.path, 'iam-logs.db'),
    Array.from({ length: 5000 }, () => event()),
  )
  const exporting = spawn(process.execPath, [ENTRY, ...EXPORT], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // It waits for its reader while there is more to write.
  await once(exporting.stdout, 'readable')
  const retention = await run(['retention', '--before', '2027-01-01', '--yes'], {
    cwd: folder.path,
  })
  expect(retention.code).toBe(0)
  const [, errors, [code]] = await Promise.all([
    text(exporting.stdout),
    text(exporting.stderr),
    once(exporting, 'exit'),
  ])
  expect([code, errors]).toEqual([
    1,
    'error: retention deleted events during the export; start it again\n',
  ])
})

test('an export whose reader closes the pipe ends without an error message', async () => {
  using folder = temporaryFolder()
  await fill(
    join(folder.path, 'iam-logs.db'),
    Array.from({ length: 5000 }, () => event()),
  )

  const shell = spawn('sh', ['-c', `"$0" "$@" | head -n 1`, process.execPath, ENTRY, ...EXPORT], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for await (const chunk of shell.stdout) output += chunk
  let errors = ''
  for await (const chunk of shell.stderr) errors += chunk
  expect(output.split('\n')).toHaveLength(2)
  expect(errors).toBe('')
})
