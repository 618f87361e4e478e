// Passwords, as they are written in an address and as they are meant, are in nothing that anybody is told: no message
// of a command, no finding of the doctor, no line of a log, no record.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig, secretsOf } from '../src/cli/config.ts'
import { cleaner } from '../src/cli/log.ts'
import { scalewayIds } from '../src/principal.ts'
import { shownAddress } from '../src/storage/database-address.ts'
import { inspectDatabase, openStore } from '../src/storage/open.ts'
import { emptyDatabase, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION, uuid } from './support/events.ts'

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1/x'
const [WRITTEN, MEANT] = ['s%33cret_w%30rd', 's3cret_w0rd']
const ADDRESS = `postgres://me:${WRITTEN}@${NOWHERE}`

/** Addresses, whether they can be understood or not, and what of each is told. */
const ADDRESSES: readonly (readonly [address: string, shown: string])[] = [
  [ADDRESS, `postgres://me@${NOWHERE}`],
  [`POSTGRESQL://me:${WRITTEN}@${NOWHERE}`, `POSTGRESQL://me@${NOWHERE}`],
  [`postgres://:${WRITTEN}@${NOWHERE}`, `postgres://@${NOWHERE}`],
  [`postgres://me:${WRITTEN}:@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a@${WRITTEN}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a/${WRITTEN}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a#${WRITTEN}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a?${WRITTEN}@${NOWHERE}`, 'postgres://…'],
  [`postgres://me:%zz${WRITTEN}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:${WRITTEN}@127.0.0.1:99999/x`, 'postgres://me@127.0.0.1:99999/x'],
  [`postgres://me:${WRITTEN}@/x?host=/nowhere`, 'postgres://me@/x'],
  [`postgres://${NOWHERE}?user=me&password=${WRITTEN}`, `postgres://${NOWHERE}`],
  [`postgres://${NOWHERE}?user=me&password=a@${WRITTEN}`, 'postgres://…'],
  [`postgres://me:${WRITTEN}@${NOWHERE}?user=me@tenant`, 'postgres://…'],
  [`mysql://me:${WRITTEN}@${NOWHERE}`, `mysql://me@${NOWHERE}`],
  // As a file of settings gives them where quotes are not taken off, and as they are mistyped.
  [`"postgres://me:${WRITTEN}@${NOWHERE}"`, `"postgres://me:…@${NOWHERE}"`],
  [` postgres://me:${WRITTEN}@${NOWHERE}`, ` postgres://me:…@${NOWHERE}`],
  [`postgres:/me:${WRITTEN}@${NOWHERE}`, `postgres:/me:…@${NOWHERE}`],
  [`postgres:me:${WRITTEN}@${NOWHERE}`, `postgres:me:…@${NOWHERE}`],
]

function expectNoPassword(text: string): void {
  for (const part of [WRITTEN, MEANT, WRITTEN.slice(1, 9), MEANT.slice(0, 6), 'w0rd']) {
    expect(text).not.toContain(part)
  }
}

describe('the address of a database', () => {
  test.each(ADDRESSES)('%s is told without its password', async (address, shown) => {
    expect(shownAddress(address)).toBe(shown)
    const refusal = await openStore(address, { scalewayIds: scalewayIds() }).then(
      () => 'it was opened',
      error => `${error.name}: ${error.message}`,
    )
    expect(refusal).toMatch(/^UserError: database "[^\n]+$/)
    expect(refusal).toContain(JSON.stringify(shown).slice(1, -1))
    expectNoPassword(refusal)
  })

  test.each(ADDRESSES)('%s is inspected without telling its password', async address => {
    const clean = cleaner(secretsOf(readConfig({ IAM_LOGS_DATABASE: address }), {}))
    const [found] = await inspectDatabase(address, [], { processes: 1 })
    expect(found).toMatchObject({ check: 'database', state: 'fault' })
    const told = JSON.stringify(found)
    // Of what is no server's, the end of the doctor's words takes care.
    expectNoPassword(/^[a-z]+:\/\//i.test(address) ? told : clean(told))
  })

  test.each(['./logs.db', 'file:logs.db', '/data/a:b/logs.db', 'C:\\data\\logs@home.db', 'a@b'])(
    '%s is told as it is, as it is a file',
    address => expect(shownAddress(address)).toBe(address),
  )
})

const ASKED = ['--organization', ORGANIZATION]
const COMMANDS: readonly (readonly string[])[] = [
  ['serve', '--port', '0'],
  ['import', 'logs.json'],
  ['sync'],
  ['export', ...ASKED],
  ['token', 'create', ...ASKED, '--owner'],
  ['token', 'list'],
  ['token', 'revoke', uuid(1)],
  ['sample', '--events', '1'],
  ['migrate'],
  ['retention', '--before', '2026-01-01', '--yes'],
  ['verify'],
  ['backup', 'copy.db'],
]

describe.concurrent('a message of a command', () => {
  test.each(COMMANDS)('%s %s has no password of the database in it', async (...args) => {
    using folder = temporaryFolder()
    const words = args.filter(word => word !== undefined)
    const environment = {
      ...{ IAM_LOGS_DATABASE: ADDRESS, IAM_LOGS_LOG_LEVEL: 'trace' },
      ...{ SCW_ACCESS_KEY: 'SCWAAAAAAAAAAAAAAAAA', SCW_SECRET_KEY: uuid(2) },
      SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
    }
    const input = words[0] === 'import' ? words.map(word => word.replace('logs.json', '-')) : words
    expect(await run(input, { cwd: folder.path, environment })).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: database "postgres://me@${NOWHERE}" cannot be opened: the database does not respond: connect ECONNREFUSED 127.0.0.1:1; check the address, and that the server runs\n`,
    })
  })

  test('nor has what the doctor finds, of it and of a replica', async () => {
    using folder = temporaryFolder()
    const { code, stdout, stderr } = await run(['doctor', '--database', ADDRESS], {
      cwd: folder.path,
      environment: { IAM_LOGS_REPLICAS: ADDRESS.replace('me', 'you'), IAM_LOGS_PORT: '1' },
    })
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout).toMatch(/^ok +settings +postgres:\/\/me@127\.0\.0\.1:1\/x, /m)
    expect(stdout).toContain(`postgres://me@${NOWHERE}: `)
    expect(stdout).toContain(`postgres://you@${NOWHERE}: `)
    expectNoPassword(stdout)
    const mistyped = ['doctor', '--database', ADDRESS.replace('://', ':/')]
    const found = await run(mistyped, { cwd: folder.path, environment: { IAM_LOGS_PORT: '1' } })
    expect(found.stdout).toContain(`postgres:/me:…@127.0.0.1:1 does not exist`)
    expectNoPassword(found.stdout)
  })

  test.each([
    [[ADDRESS], 2, `unknown command 'postgres://me:…@${NOWHERE}'`],
    [['migrate', ADDRESS], 2, `got 1: postgres://me:…@${NOWHERE}.`],
    [['migrate', `--databse=${ADDRESS}`], 2, `'--databse=postgres://me:…@${NOWHERE}'`],
    [['sync', '--every', ADDRESS], 2, `'postgres://me:…@${NOWHERE}' is invalid`],
    [['backup', ADDRESS], 1, `"postgres://me:…@${NOWHERE}" does not exist`],
    [['import', ADDRESS], 1, `"postgres://me:…@${NOWHERE}" cannot be read`],
  ])('nor where an address stands in the wrong place: %j', async (args, code, told) => {
    using folder = temporaryFolder()
    await emptyDatabase(folder.path)
    const ended = await run(args, { cwd: folder.path })
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).toMatch(/^error: [^\n]+\n$/)
    expect(ended.stderr).toContain(told)
    expectNoPassword(ended.stderr)
  })
})

describe('a server', () => {
  test('tells no password, in whichever form a client sends it, in its log or its records', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await emptyDatabase(cwd)
    const made = await run(['token', 'create', ...ASKED, '--owner'], { cwd })
    const server = start(['serve', '--port', '0', '--no-sample', '--no-sync'], {
      cwd,
      environment: {
        ...{ IAM_LOGS_LOG_LEVEL: 'trace', IAM_LOGS_AUDIT: 'audit.ndjson' },
        // A file needs none, and they are secrets all the same.
        IAM_LOGS_REPLICAS: ADDRESS,
      },
    })
    const url = /http:\/\/[\d.:]+/.exec(await server.line(/http:/))?.[0] ?? ''
    const headers = { 'x-auth-token': made.stdout.trim(), 'x-request-id': MEANT }
    for (const form of [WRITTEN, MEANT]) {
      expect((await fetch(`${url}/export/${form}.csv`, { headers })).status).toBe(404)
    }
    const asked = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: `query ${MEANT} { __typename }` }),
    })
    expect(asked.status).toBe(200)
    const { stderr, stdout } = await server.stop()
    const records = readFileSync(join(cwd, 'audit.ndjson'), 'utf8')
    for (const text of [stdout, stderr, records]) expectNoPassword(text)
    expect(stderr).toContain('"operation":"query …"')
    const refused = records.split('\n').filter(line => line.includes('hidden_organization'))
    expect(refused.map(line => JSON.parse(line).requested)).toEqual(['…', '…'])
  })
})

describe('what is known to be secret', () => {
  const known = (environment: Record<string, string>) =>
    secretsOf(readConfig(environment), environment).toSorted()

  test.each([
    ['a plain password', 'postgres://me:hunter2@h/x', ['hunter2']],
    [
      'an encoded one',
      'postgres://me:p%40ss%2fword@h/x',
      ['p%40ss%2Fword', 'p%40ss%2fword', 'p@ss/word'],
    ],
    ['one in UTF-8', 'postgres://me:p%C3%A4ss@h/x', ['p%C3%A4ss', 'päss']],
    ['one that is encoded wrongly', 'postgres://me:100%safe@h/x', ['100%25safe', '100%safe']],
    ['one with a colon and an @', 'postgres://me:a:b@c@h/x', ['a%3Ab%40c', 'a:b@c']],
    ['one without a user', 'postgres://:hunter2@h/x', ['hunter2']],
    ['one of a socket', 'postgres://me:hunter2@/x?host=/run', ['hunter2']],
    [
      'one that is a setting',
      'postgres://h/x?password=p%40ss+word',
      ['p%40ss word', 'p%40ss%20word', 'p@ss word'],
    ],
    ['none', 'postgres://me@h/x?user=a:b', []],
    ['a file', './me:hunter2@logs.db', []],
  ])('%s of a database', (_, address, secrets) => {
    expect(known({ IAM_LOGS_DATABASE: address })).toEqual(secrets)
  })

  test('also of each replica, and what else the environment holds', () => {
    expect(
      known({
        ...{ IAM_LOGS_REPLICAS: 'postgres://me:one@h/x,postgres://me:two@h/x' },
        ...{ SCW_SECRET_KEY: uuid(1), PGPASSWORD: 'three' },
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20Zm91cg==, x-key=five',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=six',
      }),
    ).toEqual(
      [
        uuid(1),
        'Basic Zm91cg==',
        'Basic%20Zm91cg==',
        'five',
        'one',
        'six',
        'three',
        'two',
      ].toSorted(),
    )
    expect(known({ SCW_SECRET_KEY: '', PGPASSWORD: '' })).toEqual([])
  })

  test('is left out of a line whole, also where one secret begins with another', () => {
    const clean = cleaner(['secret', 'secret-second', 'a"secret\\third'])
    expect(clean('secret-second, secret, a\\"secret\\\\third')).toBe('…, …, …')
    expect(clean('eyJhbGciOiJF.eyJzdWIi.c2ln and ilg_0123456789')).toBe('eyJ… and ilg_…')
  })
})
