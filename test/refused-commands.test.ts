// Commands with an invalid argument, file or setting do nothing at all: afterwards, the folder has the same files with
// the same content as before.

import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { run, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION, query, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { user } from './support/people.ts'
import { logOf } from './support/scaleway-items.ts'
import { owner } from './support/viewers.ts'

const EVENT = event()
const LOGS = JSON.stringify([{ ...logOf(EVENT), resource_id: uuid(1) }])
const USERS = JSON.stringify({ users: [{ id: uuid(7), organization_id: ORGANIZATION }] })

const FILES: Readonly<Record<string, string>> = {
  'logs.json': LOGS,
  'users.json': USERS,
  'broken.json': '{"users":[{"id":',
  'none.json': '{"total_count":1}',
  'several.json': '{"users":[],"groups":[]}',
  'text.json': 'who is there: Ada, Grace',
  'old.ndjson': 'what was exported yesterday\n',
}

/** The content of each file in a folder, except for the files of SQLite beside a database. */
function contents(folder: string): Record<string, string | null> {
  const names = readdirSync(folder).filter(name => !/-(wal|shm)$/.test(name))
  return Object.fromEntries(
    names.toSorted().map(name => {
      const path = join(folder, name)
      return [name, statSync(path).isDirectory() ? null : readFileSync(path, 'latin1')]
    }),
  )
}

/** A temporary folder with `FILES` and an empty folder. */
function folderWithFiles(): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder.path, name), text)
  mkdirSync(join(folder.path, 'folder'))
  return folder
}

async function makeDatabase(cwd: string): Promise<void> {
  const store = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  await store.append([EVENT])
  await store.close()
}

const OF_ORGANIZATION = ['--organization', ORGANIZATION]
const OWNER = ['token', 'create', ...OF_ORGANIZATION, '--owner']
const SCALEWAY = {
  ...{ SCW_ACCESS_KEY: 'SCWAAAAAAAAAAAAAAAAA', SCW_SECRET_KEY: uuid(2) },
  SCW_API_URL: 'http://127.0.0.1:1',
}

type Bad = readonly [
  words: readonly string[],
  code: number,
  complaint: string,
  environment?: Readonly<Record<string, string>>,
]

const INVALID: readonly Bad[] = [
  [
    ['import', 'logs.json', 'missing.json'],
    1,
    '"missing.json" cannot be read; check its name and permissions',
  ],
  [['import', 'logs.json', 'folder'], 1, '"folder" is a folder; name the files in it'],
  [
    ['import', 'logs.json', '--directory', 'missing.json'],
    1,
    '"missing.json" cannot be read; check its name and permissions',
  ],
  [
    ['import', 'logs.json', '--directory', 'users.json', '--directory', 'missing.json'],
    1,
    '"missing.json" cannot be read; check its name and permissions',
  ],
  [['import', '--directory', 'users.json', '--directory', 'folder'], 1, '"folder" is a folder'],
  [
    ['import', 'logs.json', '--directory', 'users.json', '--directory', 'broken.json'],
    1,
    'broken.json: ',
  ],
  [['import', 'logs.json', '--directory', 'none.json'], 1, 'none.json: listing contains no list'],
  [
    ['import', 'logs.json', '--directory', 'several.json'],
    1,
    'several.json: listing contains several lists',
  ],
  [['import', 'logs.json', '--directory', 'text.json'], 1, 'text.json: '],
  [['sample', '--events', '0'], 2, 'Give a whole number from 1 to 10000000'],
  [
    ['sample', '--events', '3', '--until', 'soon'],
    2,
    'Give a date from 1970 to 2254, like 2026-01-31',
  ],
  [
    ['sample', '--events', '3', '--until', '1800-01-01'],
    2,
    'Give a date from 1970 to 2254, like 2026-01-31',
  ],
  [[...OWNER, '--expires', 'soon'], 2, 'Give a duration'],
  [[...OWNER, '--organization', 'me'], 2, '"me" is not a UUID'],
  [[...OWNER, '--permission-set', 'IAMReadOnly'], 2, 'exactly one of --owner, --permission-set'],
  [[...OWNER, '--principal', uuid(1)], 2, 'exactly one of --owner, --permission-set'],
  [[...OWNER, '--name', ''], 2, 'Give 1 to 255 characters'],
  [[...OWNER, '--subject', 'alice'], 1, '--subject needs an issuer'],
  [
    ['token', 'create', ...OF_ORGANIZATION, '--permission-set', 'One', 'No-Name'],
    2,
    'Give the name of a',
  ],
  [['sync'], 1, 'set SCW_ACCESS_KEY and SCW_SECRET_KEY, or run: scw init'],
  [['sync'], 1, `${SCALEWAY.SCW_ACCESS_KEY}; set SCW_DEFAULT_ORGANIZATION_ID or give`, SCALEWAY],
  [
    ['sync'],
    1,
    'SCW_SECRET_KEY is missing, but SCW_ACCESS_KEY is set',
    { SCW_ACCESS_KEY: SCALEWAY.SCW_ACCESS_KEY },
  ],
  [['sync', ...OF_ORGANIZATION, '--every', '0s'], 2, 'Give a duration', SCALEWAY],
  [['import', 'logs.json', '--database', ''], 1, 'the address of the database is empty; give the'],
  [['import', 'logs.json'], 1, 'the database is empty', { IAM_LOGS_DATABASE: 'file:' }],
  [['serve', '--no-sync', '--database', ''], 1, 'the address of the database is empty; give the'],
  [['serve', '--port', '65536'], 2, 'from 0 to 65535'],
  [['serve', '--persisted', 'missing.json'], 1, '"missing.json"'],
  [['serve', '--sync'], 1, 'no Scaleway API key found'],
  [['serve'], 1, 'IAM_LOGS_AUDIT: "no/where" cannot be', { IAM_LOGS_AUDIT: 'no/where' }],
  [['serve'], 1, 'IAM_LOGS_RATE ("fast")', { IAM_LOGS_RATE: 'fast' }],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'old.ndjson', '--actions', 'REMOVED'],
    2,
    '"REMOVED" is not one of',
  ],
]

describe.concurrent('a command with invalid input fails with one line, and creates and changes no file', () => {
  const rows = INVALID.map(([words, code, complaint, environment = {}]) => {
    return [words.join(' '), { words, code, complaint, environment }] as const
  })
  test.each(rows)('iam-logs %s', async (_, { words, code, complaint, environment }) => {
    using folder = folderWithFiles()
    const cwd = folder.path
    const before = contents(cwd)
    const ended = await run(words, { cwd, environment })
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).toMatch(/^error: [^\n]+\n$/)
    expect(ended.stderr).toContain(complaint)
    expect(contents(cwd)).toEqual(before)
  })
})

const INVALID_WITH_DATABASE: readonly (readonly [words: readonly string[], complaint: string])[] = [
  [['export', '--organization', uuid(404), '--output', 'old.ndjson'], 'not found in'],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'old.ndjson', '--snapshot', uuid(404)],
    'is not an event of this',
  ],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'new.ndjson', '--snapshot', uuid(404)],
    'is not an event of this',
  ],
  [['export', ...OF_ORGANIZATION, '--output', 'folder'], '"folder" is a folder; name a file in it'],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'folder/'],
    '"folder/" is a folder; name a file in it',
  ],
  [
    ['export', ...OF_ORGANIZATION, '--output', ''],
    'the name of the output file is empty; give one',
  ],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'iam-logs.db'],
    '"iam-logs.db" is a database; name another',
  ],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'no/new.ndjson'],
    '--output: "no/new.ndjson" cannot be written (ENOENT); check its folder and permissions',
  ],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'x'.repeat(250)],
    'cannot be written (ENAMETOOLONG); check its folder and permissions',
  ],
  [
    ['export', ...OF_ORGANIZATION, '--output', 'new.csv', '--permission-set', 'None'],
    'show no events; add one that does, such as IAM',
  ],
  [['backup', 'old.ndjson'], '"old.ndjson" already exists'],
  [['backup', 'iam-logs.db'], '"iam-logs.db" already exists'],
  [['backup', 'folder'], '"folder" already exists'],
  [['backup', 'no/copy.db'], 'the folder of "no/copy.db" does not exist'],
  [
    ['retention', '--before', '2030-01-01'],
    'the deletion cannot be confirmed without a terminal; add --yes',
  ],
  [['token', 'revoke', uuid(404)], 'not found in'],
  [['import', 'logs.json', '--directory', 'users.json', '--directory', 'none.json'], 'none.json'],
]

describe.concurrent('a command with invalid input leaves an existing database and all other files unchanged', () => {
  const rows = INVALID_WITH_DATABASE.map(
    ([words, complaint]) => [words.join(' '), words, complaint] as const,
  )
  test.each(rows)('iam-logs %s', async (_, words, complaint) => {
    using folder = folderWithFiles()
    const cwd = folder.path
    await makeDatabase(cwd)
    const before = contents(cwd)
    const ended = await run(words, { cwd })
    expect([ended.code, ended.stdout]).toEqual([1, ''])
    expect(ended.stderr).toMatch(/^error: [^\n]+\n$/)
    expect(ended.stderr).toContain(complaint)
    expect(contents(cwd)).toEqual(before)
  })
})

/** Paths without a database of this program. All commands share the check, so each is tested with two of these. */
const NOT_DATABASES = ['mistyped.db', 'no/folder.db', 'empty.db', 'other.db', 'file:x.db']

const NEED_DATABASE: readonly (readonly string[])[] = [
  OWNER,
  ['token', 'list'],
  ['token', 'revoke', uuid(404)],
  ['export', ...OF_ORGANIZATION],
  ['verify'],
  ['backup', 'copy.db'],
  ['retention', '--before', '2030-01-01', '--yes'],
]

describe.concurrent('a command that needs a database says that there is none, and creates and changes no file', () => {
  const rows = NEED_DATABASE.map((words, number) => {
    const two = NOT_DATABASES.filter((_, at) => (at + number) % NOT_DATABASES.length < 2)
    const databases = LONG ? NOT_DATABASES : two
    return [words.join(' '), words, databases] as const
  })
  test.each(rows)('iam-logs %s', async (_, words, databases) => {
    using folder = folderWithFiles()
    const cwd = folder.path
    writeFileSync(join(cwd, 'empty.db'), '')
    const other = new Database(join(cwd, 'other.db'))
    other.exec('CREATE TABLE notes (text TEXT)')
    other.close()
    const before = contents(cwd)
    for (const database of databases) {
      const ended = await run([...words, '--database', database], { cwd })
      expect([ended.code, ended.stdout]).toEqual([1, ''])
      expect(ended.stderr).toMatch(/^error: database "[^\n]+" not found; [^\n]+\n$/)
      expect(ended.stderr).toContain(`"${database}"`)
    }
    expect(contents(cwd)).toEqual(before)
  })
})

test('an export succeeds after one that was refused, and replaces the existing file', async () => {
  using folder = folderWithFiles()
  const cwd = folder.path
  await makeDatabase(cwd)
  const exporting = (...more: string[]) =>
    run(['export', ...OF_ORGANIZATION, '--output', 'old.ndjson', ...more], { cwd })
  expect((await exporting('--snapshot', uuid(404))).code).toBe(1)
  const { code, stderr } = await exporting()
  expect([code, stderr]).toEqual([0, `old.ndjson: 1 event, snapshot ${EVENT.id}\n`])
  expect(readFileSync(join(cwd, 'old.ndjson'), 'utf8')).toContain(EVENT.id)
  expect(Object.keys(contents(cwd))).toEqual(
    [...Object.keys(FILES), 'folder', 'iam-logs.db'].toSorted(),
  )
})

test('an export does not replace a pipe or a link; the file that a link leads to is replaced', async () => {
  using folder = folderWithFiles()
  const cwd = folder.path
  await makeDatabase(cwd)
  execFileSync('mkfifo', [join(cwd, 'pipe')])
  symlinkSync('pipe', join(cwd, 'to-pipe'))
  symlinkSync('folder/real.ndjson', join(cwd, 'link'))
  writeFileSync(join(cwd, 'folder', 'real.ndjson'), 'what was exported yesterday\n')
  const exporting = (file: string) => run(['export', ...OF_ORGANIZATION, '--output', file], { cwd })
  for (const name of ['pipe', 'to-pipe']) {
    const { code, stderr } = await exporting(name)
    expect([code, stderr]).toEqual([
      1,
      `error: "${name}" is not a regular file; to write to standard output, leave out --output\n`,
    ])
    expect(statSync(join(cwd, name)).isFIFO()).toBe(true)
  }
  expect((await exporting('link')).code).toBe(0)
  expect(readlinkSync(join(cwd, 'link'))).toBe('folder/real.ndjson')
  expect(readFileSync(join(cwd, 'folder', 'real.ndjson'), 'utf8')).toContain(EVENT.id)
  expect(readdirSync(join(cwd, 'folder'))).toEqual(['real.ndjson'])
})

test('a sample is added once to an existing database, and leaves the events in it unchanged', async () => {
  using folder = folderWithFiles()
  const cwd = folder.path
  await makeDatabase(cwd)
  const sampling = () => run(['sample', '--events', '300', '--until', '2026-01-31'], { cwd })
  expect((await sampling()).stdout).toBe('300 new sample events, 0 already here\n')
  expect((await sampling()).stdout).toBe('0 new sample events, 300 already here\n')
  const store = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  const { events } = await store.reader(owner).events(query({ limit: 10 }))
  expect(events).toMatchObject([EVENT])
  expect(await store.organizationIds()).toHaveLength(4)
  expect(await store.verify()).toEqual([])
  await store.close()
})

test('a sync of several profiles fails before its first request if one of them does not exist', async () => {
  using folder = folderWithFiles()
  const cwd = folder.path
  let requests = 0
  const scaleway = createServer((_, response) => {
    requests++
    response.end('{}')
  })
  await new Promise<void>(resolve => scaleway.listen(0, '127.0.0.1', resolve))
  const { port } = scaleway.address() as AddressInfo
  const settings = [
    ...[`access_key: ${SCALEWAY.SCW_ACCESS_KEY}`, `secret_key: ${SCALEWAY.SCW_SECRET_KEY}`],
    ...[`api_url: http://127.0.0.1:${port}`, `default_organization_id: ${ORGANIZATION}`],
  ]
  const profile = settings.map(line => `    ${line}\n`).join('')
  writeFileSync(join(cwd, 'config.yaml'), `profiles:\n  good:\n${profile}`)
  const before = contents(cwd)
  const ended = await run(['sync', '--profile', 'good', '--profile', 'bad'], {
    cwd,
    environment: { SCW_CONFIG_PATH: 'config.yaml' },
  })
  scaleway.close()
  expect([ended.code, ended.stdout]).toEqual([1, ''])
  expect(ended.stderr).toMatch(/^error: config\.yaml has no profile "bad"; [^\n]+\n$/)
  expect(contents(cwd)).toEqual(before)
  expect(requests).toBe(0)
})

test('a directory listing with an invalid item is reported, and nobody is taken for removed', async () => {
  using folder = folderWithFiles()
  const cwd = folder.path
  const store = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  const known = user()
  await store.append([EVENT])
  await store.updateDirectory({
    ...{ organizationId: ORGANIZATION, kind: 'user', entries: [known], complete: true },
  })
  await store.close()
  writeFileSync(join(cwd, 'half.json'), '{"users":[{"id":1}]}')
  const words = ['import', 'logs.json', '--directory', 'half.json', ...OF_ORGANIZATION]
  const ended = await run(words, { cwd })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/^half\.json: users\[0\]\S* [^\n]+\n$/)
  const again = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  expect(await again.reader(owner).directory([known])).toEqual([known])
  await again.close()
})
