// A worker that replaces a dead one has the same settings and state: a client cannot tell the two apart.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { type Running, run, start, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { type FakeScaleway, startFakeScaleway } from './support/scaleway.ts'

let fake: FakeScaleway
const running: Running[] = []

beforeAll(async () => {
  fake = await startFakeScaleway()
})
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})
afterAll(() => fake.close())

interface Served {
  readonly server: Running
  readonly url: string
  /** Kills one worker after the other, and resolves when their replacements listen. */
  replaceAll(): Promise<void>
}

async function serve(
  cwd: string,
  environment: Record<string, string>,
  args: readonly string[] = [],
): Promise<Served> {
  const server = start(['serve', '--port', '0', '--no-sample', ...args], {
    cwd,
    environment: { IAM_LOGS_WORKERS: '2', ...environment },
  })
  running.push(server)
  const line = await server.line(/http:/)
  const workers = () =>
    [...server.stderr().matchAll(/"worker":(\d+),"msg":"a worker listens"/g)].map(match =>
      Number(match[1]),
    )
  let listened = 0
  return {
    server,
    url: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '',
    async replaceAll() {
      await expect.poll(() => workers().length).toBe(listened + 2)
      // One after the other: without a listening worker, the port chosen by the system would be lost.
      for (const worker of workers().slice(-2)) {
        process.kill(worker, 'SIGKILL')
        listened++
        await expect.poll(() => workers().length).toBe(listened + 2)
      }
    },
  }
}

/** Uses a new connection for each request, so that any worker may answer. */
async function ask(url: string, path: string, init: RequestInit & { headers?: object } = {}) {
  const headers = { connection: 'close', ...init.headers }
  const response = await fetch(url + path, { ...init, headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

function post(url: string, body: object, headers: object = {}) {
  return ask(url, '/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

test('the replacement of a dead worker reports the same state of the sync', async () => {
  using folder = temporaryFolder()
  fake.reset()
  fake.organization(ORGANIZATION).forbid('logs')
  const { url, replaceAll } = await serve(folder.path, {
    SCW_ACCESS_KEY: fake.accessKey,
    SCW_SECRET_KEY: fake.secretKey,
    SCW_API_URL: fake.url,
    SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
  })
  const sync = async () => JSON.parse((await ask(url, '/health/ready')).text).sync
  await expect.poll(async () => (await sync()).state).toBe('failing')
  const before = await sync()
  expect(before.failingSince).toMatch(/^20\d\d-/)
  for (let round = 0; round < 2; round++) {
    await replaceAll()
    for (let time = 0; time < 6; time++) expect(await sync()).toEqual(before)
  }
})

test('the replacement of a dead worker has the same persisted documents, tokens, principals of Scaleway, origins and rate limit', async () => {
  using folder = temporaryFolder()
  const database = join(folder.path, 'log.db')
  const store = await openStore(database, { scalewayIds: scalewayIds() })
  // Two principals of Scaleway: one from the settings, and one from the directory.
  const [configured, learned] = [uuid(71), uuid(72)]
  await store.append([configured, learned].map(principalId => event({ principalId })))
  await store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'scaleway',
    entries: [{ kind: 'scaleway', organizationId: ORGANIZATION, id: learned, name: 'Scaleway' }],
    complete: true,
  })
  await store.close()
  const documents = join(folder.path, 'documents.json')
  writeFileSync(
    documents,
    JSON.stringify({
      who: `{ organization(id: "${ORGANIZATION}") {
        events(first: 5) { nodes { principal { __typename } } } } }`,
      many: `{ organization(id: "${ORGANIZATION}") { events(first: 90) { nodes { id } } } }`,
    }),
  )
  const environment = {
    IAM_LOGS_DATABASE: database,
    IAM_LOGS_SCALEWAY_PRINCIPAL_IDS: configured,
    IAM_LOGS_ALLOWED_HOSTS: 'logs.example',
    IAM_LOGS_CORS_ORIGINS: 'https://console.example',
    IAM_LOGS_PERSISTED: documents,
    // So low that a second query with the same token exceeds it.
    IAM_LOGS_RATE: '1',
  }
  const command = async (...args: string[]) =>
    (await run(args, { cwd: folder.path, environment })).stdout.trim()
  const make = () => command('token', 'create', '--organization', ORGANIZATION, '--owner')
  const revoked = await make()
  const [, id = ''] = /([0-9a-f-]{36})/.exec(await command('token', 'list')) ?? []
  const { url, replaceAll } = await serve(folder.path, environment)

  async function behaviour() {
    const token = { 'x-auth-token': await make() }
    const scaleway = await post(url, { documentId: 'who' }, token)
    const text = await post(url, { query: '{ organizations { id } }' }, token)
    const many = await post(url, { documentId: 'many' }, token)
    const preflight = await ask(url, '/graphql', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://console.example',
        'access-control-request-method': 'POST',
      },
    })
    const refused = await post(url, { documentId: 'who' }, { 'x-auth-token': revoked })
    // Each worker reports its metrics once a second.
    const workers = async () =>
      /^iam_logs_workers (\d+)$/m.exec((await ask(url, '/metrics')).text)?.[1]
    await expect.poll(workers).toBe('2')
    return {
      principals: JSON.parse(scaleway.text).data?.organization.events.nodes,
      text: [text.status, text.text],
      tooMany: many.status,
      preflight: [preflight.status, preflight.headers.get('access-control-allow-origin')],
      revoked: refused.status,
    }
  }

  expect((await post(url, { documentId: 'who' }, { 'x-auth-token': revoked })).status).toBe(200)
  await command('token', 'revoke', id)
  const before = await behaviour()
  expect(before).toEqual({
    principals: [
      { principal: { __typename: 'ScalewayPrincipal' } },
      { principal: { __typename: 'ScalewayPrincipal' } },
    ],
    tooMany: 429,
    text: [403, expect.stringContaining('only persisted documents')],
    preflight: [204, 'https://console.example'],
    revoked: 401,
  })
  await replaceAll()
  for (let time = 0; time < 3; time++) expect(await behaviour()).toEqual(before)
})
