// The server with several processes: one port, crashed and hanging workers, common metrics and limits, and shutdown.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { now } from '../src/instant.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { isAlive, type Running, start, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { CLIENT, openIssuer } from './support/issuer.ts'
import { freePort } from './support/ports.ts'
import { subscribe } from './support/streams.ts'
import { Visitor } from './support/visitor.ts'

const running: Running[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

async function serve(cwd: string, environment: Record<string, string> = {}) {
  const server = start(['serve', '--port', '0', '--no-sample'], {
    cwd,
    environment: { IAM_LOGS_WORKERS: '2', ...environment },
  })
  running.push(server)
  const line = await server.line(/http:/)
  return { server, url: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '' }
}

/** The process IDs of all workers that ever listened, once there are this many. */
async function workersOf(server: Running, count: number): Promise<number[]> {
  await expect.poll(() => workersIn(server).length, { interval: 5 }).toBeGreaterThanOrEqual(count)
  return workersIn(server)
}

function workersIn(server: Running): number[] {
  return [...server.stderr().matchAll(/"worker":(\d+),"msg":"a worker listens"/g)].map(match =>
    Number(match[1]),
  )
}

/** Sends a request on its own connection, with a time limit. */
async function ask(url: string): Promise<number> {
  const response = await fetch(`${url}/health/ready`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(30_000),
  })
  await response.text()
  return response.status
}

test('a killed worker is replaced, and the others answer meanwhile', async () => {
  using folder = temporaryFolder()
  const { server, url } = await serve(folder.path)
  const [killed, survivor] = (await workersOf(server, 2)) as [number, number]
  process.kill(killed, 'SIGKILL')
  let lost = 0
  while (workersIn(server).length < 3) {
    // One connection may be lost that the killed worker had accepted, or that Node was handing to it.
    const status = await ask(url).catch(() => {
      lost++
      return 200
    })
    expect(status).toBe(200)
  }
  expect(lost).toBeLessThanOrEqual(1)
  process.kill(survivor, 'SIGKILL')
  await workersOf(server, 4)
  for (let count = 0; count < 10; count++) expect(await ask(url)).toBe(200)
  const { code, stderr } = await server.stop()
  expect(code).toBe(0)
  expect(stderr.match(/another is started/g)).toHaveLength(2)
})

test('metrics are those of all workers together, and do not decrease when workers are killed', async () => {
  using folder = temporaryFolder()
  const { server, url } = await serve(folder.path, { IAM_LOGS_WORKERS: '3' })
  const workers = await workersOf(server, 3)
  for (let count = 0; count < 30; count++) expect(await ask(url)).toBe(200)
  const answered = async () =>
    (await metricsAt(url)).get('iam_logs_requests_total{path="health",status="200"}')
  // Each worker reports its metrics every second.
  await expect.poll(answered).toBe(30)
  const before = await metricsAt(url)
  expect(before.get('iam_logs_workers')).toBe(3)
  expect(before.get('iam_logs_database_up')).toBe(1)
  const cpu = before.get('process_cpu_seconds_total') ?? 0

  for (const worker of workers.slice(0, 2)) process.kill(worker, 'SIGKILL')
  await workersOf(server, 5)
  const after = await metricsAt(url)
  expect(after.get('iam_logs_requests_total{path="health",status="200"}')).toBe(30)
  expect(after.get('iam_logs_request_duration_seconds_count{path="health"}')).toBe(30)
  expect(after.get('iam_logs_workers_replaced_total')).toBe(2)
  expect(after.get('process_cpu_seconds_total')).toBeGreaterThanOrEqual(cpu)
  for (let count = 0; count < 10; count++) await ask(url)
  await expect.poll(answered).toBe(40)
})

/** The metrics by name and labels. */
async function metricsAt(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  expect(text).not.toMatch(/nodejs_version|[0-9a-f]{8}-[0-9a-f]{4}-/)
  return new Map(
    text
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(line => {
        const [, name = '', value] = /^(.*) (\S+)$/.exec(line) ?? []
        return [name, Number(value)] as const
      }),
  )
}

test('the limit on streams of a token holds for all workers together', async () => {
  using folder = temporaryFolder()
  const store = await openStore(join(folder.path, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  await store.append([event()])
  const { token, secret, hash } = newToken(
    {
      name: null,
      grants: [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }],
      expiresAt: null,
    },
    now(),
  )
  await store.tokens.create(token, hash)
  await store.close()
  const { server, url } = await serve(folder.path, { IAM_LOGS_WORKERS: '4' })
  await workersOf(server, 4)
  const left = new AbortController()
  const listeners = await Promise.all(
    Array.from({ length: 48 }, () =>
      subscribe((path, init) => fetch(url + path, init), { token: secret, signal: left.signal }),
    ),
  )
  const statuses = Map.groupBy(listeners, ({ response }) => response.status)
  expect([...statuses.keys()].sort()).toEqual([200, 429])
  expect(statuses.get(200)?.length).toBeLessThanOrEqual(20)
  expect(statuses.get(200)?.length).toBeGreaterThanOrEqual(5)
  left.abort()
})

test('a worker that hangs is killed and replaced, and does not keep the server from stopping', async () => {
  using folder = temporaryFolder()
  const { server, url } = await serve(folder.path)
  const [hanging] = await workersOf(server, 2)
  process.kill(hanging ?? 0, 'SIGSTOP')
  const [, , another] = await workersOf(server, 3)
  expect(server.stderr()).toContain(`"worker":${hanging},"msg":"a worker does not respond`)
  for (let count = 0; count < 10; count++) expect(await ask(url)).toBe(200)
  process.kill(another ?? 0, 'SIGSTOP')
  const { code, stderr } = await server.stop()
  expect(code).toBe(0)
  expect(stderr).toContain(`"worker":${another},"msg":"a worker does not respond`)
})

test('processes that are all stopped before they listen end without an error', async () => {
  using folder = temporaryFolder()
  const server = start(['serve', '--port', '0', '--no-sample'], {
    cwd: folder.path,
    environment: { IAM_LOGS_WORKERS: '2' },
    group: true,
  })
  await expect.poll(() => existsSync(join(folder.path, 'iam-logs.db-wal'))).toBe(true)
  // A terminal does this, and a container that ends all its processes together.
  server.signal('SIGTERM')
  expect(await server.ended).toMatchObject({
    code: expect.toBeOneOf([0, null]),
    stderr: expect.not.stringContaining('error:'),
  })
})

test.skipIf(process.platform !== 'linux')(
  'workers that end before they listen, while the first process is busy, are reported in one line',
  async () => {
    using folder = temporaryFolder()
    const fatal = join(folder.path, 'fatal.mjs')
    // The first process gets their first messages and their exits at the same time.
    writeFileSync(
      fatal,
      `import cluster from 'node:cluster'
    import { readFileSync } from 'node:fs'
    if (cluster.isWorker) process.kill(process.pid, 'SIGKILL')
    const isOver = worker => readFileSync('/proc/' + worker.process.pid + '/stat', 'utf8').includes(') Z ')
    cluster.once('fork', () => { while (!Object.values(cluster.workers).every(isOver)); })`,
    )
    const { code, stderr } = await start(['serve', '--port', '0', '--no-sample'], {
      cwd: folder.path,
      environment: { IAM_LOGS_WORKERS: '2', NODE_OPTIONS: `--import=${fatal}` },
    }).ended
    expect([code, stderr]).toEqual([1, 'error: a worker ended with SIGKILL\n'])
  },
)

test('workers end when the first process is killed', async () => {
  using folder = temporaryFolder()
  const { server } = await serve(folder.path)
  const workers = await workersOf(server, 2)
  await server.kill()
  await expect.poll(() => workers.filter(isAlive)).toEqual([])
})

test('a port that is in use is reported in one line, and the server ends', async () => {
  using folder = temporaryFolder()
  const { url } = await serve(folder.path)
  const port = url.split(':').at(-1) ?? ''
  const { code, stderr } = await start(['serve', '--port', port, '--no-sample'], {
    cwd: folder.path,
    environment: { IAM_LOGS_WORKERS: '3' },
  }).ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: port \d+ of 127\.0\.0\.1 is in use by another program.*\n$/)
})

test('an invalid number of workers is refused', async () => {
  using folder = temporaryFolder()
  for (const count of ['0', '65', 'all']) {
    const { code, stderr } = await start(['serve'], {
      cwd: folder.path,
      environment: { IAM_LOGS_WORKERS: count },
    }).ended
    expect(code).toBe(1)
    expect(stderr).toContain(`IAM_LOGS_WORKERS ("${count}") is not a number of processes`)
  }
})

test('a session is valid in all workers, also after a restart, and in none after signing out', async () => {
  using folder = temporaryFolder()
  const cwd = folder.path
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const issuer = await openIssuer(url)
  issuer.people.set('ada', { name: 'Ada' })
  issuer.person = 'ada'
  const store = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  await store.append([event()])
  await store.access.create({
    ...{ id: uuid(1), issuer: issuer.url, createdAt: now() },
    holder: { kind: 'subject', name: 'ada' },
    membership: { organizationId: ORGANIZATION, owner: true, permissionSets: [] },
  })
  await store.close()
  const environment = {
    ...{ IAM_LOGS_PORT: String(port), IAM_LOGS_PUBLIC_URL: url, IAM_LOGS_OIDC_ISSUER: issuer.url },
    IAM_LOGS_OIDC_CLIENT_ID: CLIENT.clientId,
    IAM_LOGS_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
  }
  const open = async () => {
    const server = start(['serve'], { cwd, environment: { IAM_LOGS_WORKERS: '2', ...environment } })
    running.push(server)
    await server.line(/http:/)
    return server
  }
  const visitor = new Visitor(url)
  const statuses = async () => {
    const all = Array.from({ length: 8 }, () =>
      visitor.graph('{ viewer { name } }', { connection: 'close' }),
    )
    return new Set((await Promise.all(all)).map(({ status }) => status))
  }
  const first = await open()
  expect(await visitor.signIn()).toBe(`${url}/`)
  expect(await statuses()).toEqual(new Set([200]))
  await first.stop()
  const second = await open()
  expect(await statuses()).toEqual(new Set([200]))
  await visitor.ask('/sign-out', { method: 'POST' })
  expect(await statuses()).toEqual(new Set([401]))
  for (const server of [first, second]) {
    expect(server.stderr()).not.toContain(CLIENT.clientSecret)
    expect(server.stderr()).not.toContain('"level":"error"')
  }
  await issuer.close()
})
