// The program's own audit records: refused requests, exports, and commands that change tokens or make backups are
// recorded once, with the token or user that acted, and never with a secret.

import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditRecord } from '../src/audit-record.ts'
import { createJwtVerifier } from '../src/auth/jwt.ts'
import { listen } from '../src/server/listen.ts'
import { openApp, type TestApp } from './support/app.ts'
import { emptyDatabase, type Running, run, start, temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { subscribe } from './support/streams.ts'

const WRONG = 'ilg_wrongwrongwrongwrong'

let records: AuditRecord[]
let gateway: TestApp
let owner: string

async function open(options: Parameters<typeof openApp>[0] = {}) {
  gateway = await openApp({ watching: { audit: record => records.push(record) }, ...options })
  await gateway.store.append([event(), event(), event({ organizationId: OTHER_ORGANIZATION })])
  owner = await gateway.token(['OrganizationManager'])
}

beforeEach(async () => {
  records = []
  await open()
})
afterEach(() => gateway.store.close())

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } }

function post(token: string | null, body: object = { query: '{ __typename }' }, more = {}) {
  const headers = {
    ...JSON_POST.headers,
    ...(token !== null && { 'x-auth-token': token }),
    ...more,
  }
  return gateway.fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(body) })
}

const get = (path: string, token = owner) =>
  gateway.fetch(path, { headers: { 'x-auth-token': token } })

async function idOf(name: string): Promise<string> {
  return (await gateway.store.tokens.list()).find(token => token.name === name)?.id ?? ''
}

describe('audit records of refused requests', () => {
  const REQUEST = {
    event: 'access_denied',
    requestId: expect.any(String),
    address: null,
    tokenId: null,
    tokenName: null,
    requested: null,
  }

  test('a request without a token or with a wrong one is recorded, without the token', async () => {
    const response = await post(null)
    await post(WRONG)
    await get('/export/anything.csv', WRONG)
    const graphql = { ...REQUEST, method: 'POST', path: 'graphql', status: 401 }
    expect(records).toEqual([
      { ...graphql, reason: 'no_token', requestId: response.headers.get('x-request-id') },
      { ...graphql, reason: 'wrong_token' },
      { ...REQUEST, reason: 'wrong_token', method: 'GET', path: 'export', status: 401 },
    ])
    expect(JSON.stringify(records)).not.toContain(WRONG)
  })

  test('requests refused after too many wrong tokens from one IP address are recorded with that address', async () => {
    const server = await listen(gateway.app, '127.0.0.1', 0)
    try {
      const request = {
        ...{ ...JSON_POST, body: '{}' },
        headers: { ...JSON_POST.headers, authorization: `Bearer ${WRONG}` },
      }
      const statuses: number[] = []
      for (let time = 0; time < 22; time++) {
        statuses.push((await fetch(`${server.url}/graphql`, request)).status)
      }
      expect(statuses.at(-1)).toBe(429)
      expect(records).toHaveLength(statuses.length)
      expect(records.at(-1)).toMatchObject({
        reason: 'too_many_wrong_tokens',
        address: '127.0.0.1',
        status: 429,
      })
    } finally {
      await server.close()
    }
  })

  test("a request whose Host is not one of the server's is recorded with that host", async () => {
    const { app } = gateway
    await app.fetch(new Request('http://evil.example/graphql', { ...JSON_POST, body: '{}' }))
    expect(records).toEqual([
      {
        ...{ ...REQUEST, method: 'POST', path: 'graphql' },
        ...{ reason: 'unknown_host', status: 421, requested: 'evil.example' },
      },
    ])
  })

  test('a request from a page of a foreign origin is recorded with the first 256 characters of that origin', async () => {
    const headers = {
      origin: `https://evil.example/${'x'.repeat(5000)}`,
      'access-control-request-method': 'POST',
    }
    await gateway.fetch('/graphql', { method: 'OPTIONS', headers })
    expect(records).toMatchObject([{ reason: 'foreign_origin', status: 403 }])
    expect(records[0]).toHaveProperty('requested', `${headers.origin.slice(0, 256)}…`)
  })

  test('a refused document that is not persisted is recorded with its token, and a persisted one is not', async () => {
    await gateway.store.close()
    const persisted = new Map([['one', '{ __typename }']])
    await open({ watching: { audit: record => records.push(record) }, persisted })
    expect((await post(owner, { documentId: 'one' })).status).toBe(200)
    expect((await post(owner, { query: '{ organizations { id } }' })).status).toBe(403)
    expect(records).toEqual([
      {
        ...{ ...REQUEST, method: 'POST', path: 'graphql', status: 403, reason: 'not_persisted' },
        ...{ tokenId: await idOf('OrganizationManager'), tokenName: 'OrganizationManager' },
      },
    ])
  })

  test('exports and feeds of a hidden Organization are recorded just as those of one that does not exist', async () => {
    const paths = [`/export/ID.ndjson`, '/export/ID.csv', '/feed/ID']
    const recordsFor = async (id: string) => {
      records = []
      for (const path of paths) expect((await get(path.replace('ID', id))).status).toBe(404)
      return JSON.stringify(records)
        .replaceAll(id, 'ID')
        .replaceAll(/"requestId":"[^"]*"/g, '')
    }
    const hidden = await recordsFor(OTHER_ORGANIZATION)
    expect(await recordsFor(uuid(404))).toBe(hidden)
    expect(records).toHaveLength(3)
    expect(records[0]).toMatchObject({
      ...{
        reason: 'hidden_organization',
        requested: uuid(404),
        tokenName: 'OrganizationManager',
        status: 404,
      },
    })
  })

  test('a request with a JSON Web Token whose subject has no permissions is recorded, without the token', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] })
    const issuer = createServer((_, response) => response.end(keys))
    await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve))
    try {
      await gateway.store.close()
      const { port } = issuer.address() as AddressInfo
      const [iss, aud] = ['https://login.example', 'https://logs.example']
      const jwksUrl = `http://127.0.0.1:${port}/`
      const jwt = createJwtVerifier({ jwksUrl, issuer: iss, audience: aud, groupsClaim: 'groups' })
      await open({ watching: { audit: record => records.push(record) }, jwt })
      const token = await new SignJWT({ iss, aud, sub: 'nobody' })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey)
      expect((await post(token)).status).toBe(403)
      expect(records).toMatchObject([{ reason: 'no_rights', status: 403, tokenId: null }])
      expect(JSON.stringify(records)).not.toContain(token)
    } finally {
      issuer.close()
    }
  })

  test('a subscription that ends because its token was revoked is recorded with that token', async () => {
    await gateway.store.close()
    await open({ watching: { audit: record => records.push(record) }, streams: { recheck: 5 } })
    const token = await gateway.token(['IAMReadOnly'])
    const id = await idOf('IAMReadOnly')
    const listener = await subscribe(gateway.fetch, { token })
    await gateway.store.tokens.revoke(id)
    await listener.rest()
    const who = { tokenId: id, tokenName: 'IAMReadOnly' }
    expect(records).toMatchObject([{ reason: 'rights_changed', path: 'graphql', ...who }])
  })

  test('an export that ends early because its token was revoked is recorded as refused and as incomplete', async () => {
    await gateway.store.close()
    await open({ watching: { audit: record => records.push(record) }, exports: { recheck: 0 } })
    await gateway.store.append(Array.from({ length: 3000 }, () => event()))
    const token = await gateway.token(['IAMReadOnly'])
    const response = await get(`/export/${ORGANIZATION}.ndjson`, token)
    await gateway.store.tokens.revoke(await idOf('IAMReadOnly'))
    await expect(response.text()).rejects.toThrow()
    expect(records.map(({ event }) => event)).toEqual([
      'export_began',
      'access_denied',
      'export_ended',
    ])
    expect(records[1]).toMatchObject({ reason: 'rights_changed', path: 'export' })
    expect(records[2]).toMatchObject({ complete: false })
  })

  test('a successful request, an invalid one, and one for a hidden Organization in the graph are not recorded', async () => {
    await post(owner)
    await post(owner, { query: '{ nonsense }' })
    await post(owner, { query: `{ organization(id: "${OTHER_ORGANIZATION}") { id } }` })
    await get('/nowhere')
    await get('/health/ready', WRONG)
    await gateway.fetch('/export/x.csv', { method: 'POST' })
    expect(records).toEqual([])
  })
})

describe('audit records of exports', () => {
  test('an export is recorded when it begins and when it has ended, with its token, filter and number of events', async () => {
    const path = `/export/${ORGANIZATION}.csv?actions=CREATED,UPDATED&principalIds=${uuid(1)}`
    const response = await get(path)
    const began = {
      event: 'export_began',
      requestId: response.headers.get('x-request-id'),
      address: null,
      tokenId: await idOf('OrganizationManager'),
      tokenName: 'OrganizationManager',
      organizationId: ORGANIZATION,
      format: 'csv',
      filter: { actions: ['CREATED,UPDATED'], principalIds: [uuid(1)] },
      snapshot: expect.any(String),
      after: null,
    }
    expect(records).toEqual([began])
    await response.text()
    expect(records).toEqual([began, { ...began, event: 'export_ended', complete: true, events: 2 }])
  })

  test('an export whose client disconnects is recorded as incomplete', async () => {
    await gateway.store.append(Array.from({ length: 3000 }, () => event()))
    const response = await get(`/export/${ORGANIZATION}.ndjson`)
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(records).toMatchObject([
      { event: 'export_began' },
      { event: 'export_ended', complete: false },
    ])
  })

  test('an export with a wrong snapshot and a HEAD request are not recorded', async () => {
    expect((await get(`/export/${ORGANIZATION}.csv?snapshot=${uuid(404)}`)).status).toBe(400)
    await gateway.fetch(`/export/${ORGANIZATION}.csv`, {
      method: 'HEAD',
      headers: { 'x-auth-token': owner },
    })
    expect(records).toEqual([])
  })
})

const running: Running[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

const AUDIT = { IAM_LOGS_AUDIT: 'audit.ndjson' }

// biome-ignore lint/suspicious/noExplicitAny: each kind of record has its own fields
function recordsIn(cwd: string): any[] {
  return readFileSync(join(cwd, AUDIT.IAM_LOGS_AUDIT), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

describe('the file named by IAM_LOGS_AUDIT', () => {
  test('can be read by its owner alone, and gets one record of each token created or revoked and each backup', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const command = (...args: string[]) => run(args, { cwd, environment: AUDIT })
    await command('sample', '--events', '300')
    const created = await command('token', 'create', '--organization', ORGANIZATION, '--owner')
    const [{ tokenId }] = recordsIn(cwd)
    await command('token', 'revoke', tokenId)
    await command('token', 'revoke', tokenId)
    // Commands that fail before they begin are not recorded.
    expect((await command('export', '--organization', uuid(404))).code).toBe(1)
    expect((await command('retention', '--before', '2099-01-01')).code).toBe(1)
    await command('backup', 'copy.db')
    const all = recordsIn(cwd)
    expect(all.map(({ event }) => event)).toEqual(['token_created', 'token_revoked', 'backup_made'])
    expect(all[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      pid: expect.any(Number),
      audit: true,
      event: 'token_created',
      user: expect.any(String),
      command: 'token create',
      tokenId: expect.any(String),
      tokenName: null,
      grants: [`${ORGANIZATION}: owner`],
      expiresAt: null,
    })
    expect(all[1]).toMatchObject({ command: 'token revoke', tokenId })
    expect(all[2]).toMatchObject({ command: 'backup', output: 'copy.db' })
    const file = join(cwd, AUDIT.IAM_LOGS_AUDIT)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain(created.stdout.trim())
  })

  test('gets a record of the beginning and the end of an export by command, also of one that fails', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const fileApp = await openApp({ file: join(cwd, 'iam-logs.db') })
    await fileApp.store.append([event({ createdAt: at('2026-01-01T00:00:00Z') })])
    await fileApp.store.close()
    const runExport = (...args: string[]) =>
      run(['export', '--organization', ORGANIZATION, ...args], { cwd, environment: AUDIT })
    await runExport('--output', 'all.csv', '--format', 'csv', '--actions', 'CREATED')
    await runExport('--snapshot', uuid(404))
    expect(recordsIn(cwd)).toMatchObject([
      {
        ...{ event: 'export_began', command: 'export', organizationId: ORGANIZATION },
        ...{ format: 'csv', filter: { actions: ['CREATED'] }, output: 'all.csv' },
      },
      { event: 'export_ended', complete: true, events: 1 },
      { event: 'export_began', output: null, snapshot: uuid(404) },
      { event: 'export_ended', complete: false, events: 0 },
    ])
  })

  test('must be writable: otherwise no token is created and the server does not start', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const environment = { IAM_LOGS_AUDIT: 'no/where' }
    const args = ['token', 'create', '--organization', ORGANIZATION, '--owner']
    await emptyDatabase(cwd)
    const { code, stdout, stderr } = await run(args, { cwd, environment })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^error: IAM_LOGS_AUDIT: "no\/where" cannot be written \(ENOENT\); check its folder and permissions\n$/,
    )
    expect((await run(['token', 'list'], { cwd })).stdout.trim().split('\n')).toHaveLength(1)
    const served = await run(['serve', '--port', '0', '--no-sample'], { cwd, environment })
    expect([served.code, served.stdout]).toEqual([1, ''])
  })
})

describe('a server', () => {
  test.each([
    ['error', 'also to its log', ['token_created', 'access_denied']],
    ['silent', 'and nothing to its log', []],
  ])('at log level %s writes audit records to the file %s', async (level, _, logged) => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const server = start(['serve', '--port', '0', '--no-sample', '--no-sync'], {
      cwd,
      environment: { ...AUDIT, IAM_LOGS_LOG_LEVEL: level },
    })
    running.push(server)
    const url = /http:\/\/[\d.:]+/.exec(await server.line(/http:/))?.[0] ?? ''
    const headers = { ...JSON_POST.headers, 'x-auth-token': WRONG }
    await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{}' })
    await server.stop()
    const denied = {
      ...{ audit: true, event: 'access_denied', reason: 'wrong_token', address: '127.0.0.1' },
      ...{ method: 'POST', path: 'graphql', status: 401 },
    }
    // The first start creates a token, too.
    const [created, ...others] = recordsIn(cwd)
    expect(created).toMatchObject({ event: 'token_created', command: 'serve' })
    expect(others).toMatchObject([denied])
    const lines = server.stderr().split('\n').filter(Boolean)
    expect(lines.map(line => JSON.parse(line).event)).toEqual(logged)
    expect(server.stderr() + JSON.stringify(others)).not.toContain(WRONG)
  })
})
