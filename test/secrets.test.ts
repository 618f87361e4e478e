// Passwords of databases, encoded and decoded, are in no output: not in messages of commands, findings of doctor, lines of
// the log, or audit records.

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

/** A port that nobody listens on. */
const NOWHERE = '127.0.0.1:1/x'
const [ENCODED, DECODED] = ['s%33cret_w%30rd', 's3cret_w0rd']
const ADDRESS = `postgres://me:${ENCODED}@${NOWHERE}`

/** Addresses of databases, valid and invalid, and what messages show of each. */
const ADDRESSES: readonly (readonly [address: string, shown: string])[] = [
  [ADDRESS, `postgres://me@${NOWHERE}`],
  [`POSTGRESQL://me:${ENCODED}@${NOWHERE}`, `POSTGRESQL://me@${NOWHERE}`],
  [`postgres://:${ENCODED}@${NOWHERE}`, `postgres://@${NOWHERE}`],
  [`postgres://me:${ENCODED}:@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a@${ENCODED}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a/${ENCODED}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a#${ENCODED}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:a?${ENCODED}@${NOWHERE}`, 'postgres://…'],
  [`postgres://me:%zz${ENCODED}@${NOWHERE}`, `postgres://me@${NOWHERE}`],
  [`postgres://me:${ENCODED}@127.0.0.1:99999/x`, 'postgres://me@127.0.0.1:99999/x'],
  [`postgres://me:${ENCODED}@/x?host=/nowhere`, 'postgres://me@/x'],
  [`postgres://${NOWHERE}?user=me&password=${ENCODED}`, `postgres://${NOWHERE}`],
  [`postgres://${NOWHERE}?user=me&password=a@${ENCODED}`, 'postgres://…'],
  [`postgres://me:${ENCODED}@${NOWHERE}?user=me@tenant`, 'postgres://…'],
  [`mysql://me:${ENCODED}@${NOWHERE}`, `mysql://me@${NOWHERE}`],
  // With the quotes of a file of settings, and mistyped.
  [`"postgres://me:${ENCODED}@${NOWHERE}"`, `"postgres://me:…@${NOWHERE}"`],
  [` postgres://me:${ENCODED}@${NOWHERE}`, ` postgres://me:…@${NOWHERE}`],
  [`postgres:/me:${ENCODED}@${NOWHERE}`, `postgres:/me:…@${NOWHERE}`],
  [`postgres:me:${ENCODED}@${NOWHERE}`, `postgres:me:…@${NOWHERE}`],
]

function expectNoPassword(text: string): void {
  for (const part of [ENCODED, DECODED, ENCODED.slice(1, 9), DECODED.slice(0, 6), 'w0rd']) {
    expect(text).not.toContain(part)
  }
}

describe('the address of a database', () => {
  test.each(ADDRESSES)('%s is in the error without its password', async (address, shown) => {
    expect(shownAddress(address)).toBe(shown)
    const refusal = await openStore(address, { scalewayIds: scalewayIds() }).then(
      () => 'it was opened',
      error => `${error.name}: ${error.message}`,
    )
    expect(refusal).toMatch(/^UserError: database "[^\n]+$/)
    expect(refusal).toContain(JSON.stringify(shown).slice(1, -1))
    expectNoPassword(refusal)
  })

  test.each(ADDRESSES)('%s is in the finding of doctor without its password', async address => {
    const clean = cleaner(secretsOf(readConfig({ IAM_LOGS_DATABASE: address }), {}))
    const [found] = await inspectDatabase(address, [], { processes: 1 })
    expect(found).toMatchObject({ check: 'database', state: 'fault' })
    const text = JSON.stringify(found)
    // Text that is not the URL of a server is cleaned in the output of doctor.
    expectNoPassword(/^[a-z]+:\/\//i.test(address) ? text : clean(text))
  })

  test.each(['./logs.db', 'file:logs.db', '/data/a:b/logs.db', 'C:\\data\\logs@home.db', 'a@b'])(
    '%s, which is a file, is shown unchanged',
    address => expect(shownAddress(address)).toBe(address),
  )
})

const OF_ORGANIZATION = ['--organization', ORGANIZATION]
const COMMANDS: readonly (readonly string[])[] = [
  ['serve', '--port', '0'],
  ['import', '-'],
  ['sync'],
  ['export', ...OF_ORGANIZATION],
  ['token', 'create', ...OF_ORGANIZATION, '--owner'],
  ['token', 'list'],
  ['token', 'revoke', uuid(1)],
  ['sample', '--events', '1'],
  ['migrate'],
  ['retention', '--before', '2026-01-01', '--yes'],
  ['verify'],
  ['backup', 'copy.db'],
]

describe.concurrent('no password of a database is in', () => {
  const named = COMMANDS.map(args => [args.join(' '), args] as const)
  test.each(named)('the error of %s', async (_, args) => {
    using folder = temporaryFolder()
    const environment = {
      ...{ IAM_LOGS_DATABASE: ADDRESS, IAM_LOGS_LOG_LEVEL: 'trace' },
      ...{ SCW_ACCESS_KEY: 'SCWAAAAAAAAAAAAAAAAA', SCW_SECRET_KEY: uuid(2) },
      SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
    }
    expect(await run(args, { cwd: folder.path, environment })).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: database "postgres://me@${NOWHERE}" cannot be opened: the database does not respond: connect ECONNREFUSED 127.0.0.1:1; check the address, and that the server runs\n`,
    })
  })

  test('the findings of doctor about the database and a replica', async () => {
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
  ])('the error of a command with an address in a wrong place: %j', async (args, code, message) => {
    using folder = temporaryFolder()
    await emptyDatabase(folder.path)
    const ended = await run(args, { cwd: folder.path })
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).toMatch(/^error: [^\n]+\n$/)
    expect(ended.stderr).toContain(message)
    expectNoPassword(ended.stderr)
  })
})

describe('a server', () => {
  test('has no password in its log and audit records, even if a client sends it in a path, an ID or a query', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await emptyDatabase(cwd)
    const made = await run(['token', 'create', ...OF_ORGANIZATION, '--owner'], { cwd })
    const server = start(['serve', '--port', '0', '--no-sample', '--no-sync'], {
      cwd,
      environment: {
        ...{ IAM_LOGS_LOG_LEVEL: 'trace', IAM_LOGS_AUDIT: 'audit.ndjson' },
        // A SQLite database uses no replicas, but their passwords are secrets all the same.
        IAM_LOGS_REPLICAS: ADDRESS,
      },
    })
    const url = /http:\/\/[\d.:]+/.exec(await server.line(/http:/))?.[0] ?? ''
    const headers = { 'x-auth-token': made.stdout.trim(), 'x-request-id': DECODED }
    for (const form of [ENCODED, DECODED]) {
      expect((await fetch(`${url}/export/${form}.csv`, { headers })).status).toBe(404)
    }
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: `query ${DECODED} { __typename }` }),
    })
    expect(response.status).toBe(200)
    const { stderr, stdout } = await server.stop()
    const records = readFileSync(join(cwd, 'audit.ndjson'), 'utf8')
    for (const text of [stdout, stderr, records]) expectNoPassword(text)
    expect(stderr).toContain('"operation":"query …"')
    const refused = records.split('\n').filter(line => line.includes('hidden_organization'))
    expect(refused.map(line => JSON.parse(line).requested)).toEqual(['…', '…'])
  })
})

describe('the secrets of the settings', () => {
  const known = (environment: Record<string, string>) =>
    secretsOf(readConfig(environment), environment).toSorted()

  test.each([
    ['a plain password', 'postgres://me:hunter2@h/x', ['hunter2']],
    [
      'an encoded password',
      'postgres://me:p%40ss%2fword@h/x',
      ['p%40ss%2Fword', 'p%40ss%2fword', 'p@ss/word'],
    ],
    ['a password in UTF-8', 'postgres://me:p%C3%A4ss@h/x', ['p%C3%A4ss', 'päss']],
    ['a wrongly encoded password', 'postgres://me:100%safe@h/x', ['100%25safe', '100%safe']],
    ['a password with a colon and an @', 'postgres://me:a:b@c@h/x', ['a%3Ab%40c', 'a:b@c']],
    ['a password without a user', 'postgres://:hunter2@h/x', ['hunter2']],
    ['the password of a Unix socket', 'postgres://me:hunter2@/x?host=/run', ['hunter2']],
    [
      'a password among the parameters',
      'postgres://h/x?password=p%40ss+word',
      ['p%40ss word', 'p%40ss%20word', 'p@ss word'],
    ],
    ['nothing of an address without a password', 'postgres://me@h/x?user=a:b', []],
    ['nothing of a file', './me:hunter2@logs.db', []],
  ])('include %s', (_, address, secrets) => {
    expect(known({ IAM_LOGS_DATABASE: address })).toEqual(secrets)
  })

  test('include the passwords of replicas, and the secrets of Scaleway, PostgreSQL and OpenTelemetry', () => {
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

  test('are removed completely from a line, also if one begins with another; so are access tokens and JSON Web Tokens', () => {
    const clean = cleaner(['secret', 'secret-second', 'a"secret\\third'])
    expect(clean('secret-second, secret, a\\"secret\\\\third')).toBe('…, …, …')
    expect(clean('eyJhbGciOiJF.eyJzdWIi.c2ln and ilg_0123456789')).toBe('eyJ… and ilg_…')
  })
})
