// serve with an API key of Scaleway in its environment, which syncs by itself.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { isAlive, type Running, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { LONG } from './support/long.ts'
import { type FakeScaleway, log, startFakeScaleway, user } from './support/scaleway.ts'

let fake: FakeScaleway
const running: Running[] = []

beforeAll(async () => {
  fake = await startFakeScaleway()
})
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})
afterAll(() => fake.close())

function environment() {
  return {
    SCW_ACCESS_KEY: fake.accessKey,
    SCW_SECRET_KEY: fake.secretKey,
    SCW_API_URL: fake.url,
    SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
    IAM_LOGS_PORT: '0',
  }
}

async function serve(cwd: string, args: readonly string[] = []) {
  const server = start(['serve', ...args], { cwd, environment: environment() })
  running.push(server)
  const line = await server.line(/listening on|GraphiQL/)
  return { server, url: /http:\/\/[^;/\s]+/.exec(line)?.[0] ?? '', line }
}

async function until<T>(read: () => Promise<T>, enough: (found: T) => boolean): Promise<T> {
  let found = await read()
  const check = async () => {
    found = await read()
    return enough(found)
  }
  await expect.poll(check).toBe(true)
  return found
}

async function ready(url: string) {
  return (await (await fetch(`${url}/health/ready`)).json()) as {
    sync: { state: string; gaps: number; lastSyncedAt: string; completeUntil: string }
  }
}

test('serve with an API key syncs the events of Scaleway with names, and adds no sample', async () => {
  using folder = temporaryFolder()
  fake.reset()
  const scaleway = fake.organization(ORGANIZATION)
  const ada = user({ first_name: 'Ada', last_name: 'Lovelace' })
  scaleway.users = [ada]
  scaleway.add(...Array.from({ length: 250 }, () => log({ bearer_id: ada.id })))
  const { server, url } = await serve(folder.path)
  await server.line(/^There is no token yet\. .* token create --organization /)
  await until(
    () => ready(url),
    ({ sync }) => sync.state === 'fresh',
  )
  const made = await run(['token', 'create', '--organization', ORGANIZATION, '--owner'], {
    cwd: folder.path,
  })
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': made.stdout.trim() },
    body: JSON.stringify({
      query: `{ organizations {
        coverage { gaps { until } stale }
        events(first: 1) { totalCount nodes { principal { name } } }
      } }`,
    }),
  })
  expect(await response.json()).toEqual({
    data: {
      organizations: [
        {
          coverage: { gaps: [], stale: false },
          events: { totalCount: 250, nodes: [{ principal: { name: 'Ada Lovelace' } }] },
        },
      ],
    },
  })
  const { code, stdout, stderr } = await server.stop()
  expect(code).toBe(0)
  expect(stdout + stderr).not.toContain(fake.secretKey)
  expect(stderr).toContain('250 new events')
})

test('serve --no-sync sends no request to Scaleway, and serve --sync without an API key is refused', async () => {
  using folder = temporaryFolder()
  fake.reset()
  const { server } = await serve(folder.path, ['--no-sync', '--no-sample'])
  await server.stop()
  expect(fake.requests).toEqual([])
  const refused = await run(['serve', '--sync'], { cwd: folder.path })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toBe(
    'error: no Scaleway API key found; set SCW_ACCESS_KEY and SCW_SECRET_KEY, or run: scw init\n',
  )
})

test('a sync that Scaleway refuses is in the log and the metrics, and the server keeps running', async () => {
  using folder = temporaryFolder()
  fake.reset()
  fake.organization(ORGANIZATION).forbid('logs')
  const { server, url } = await serve(folder.path)
  await until(
    async () => fake.requests.filter(({ list }) => list === 'logs').length,
    requests => requests > 0,
  )
  await until(
    async () => server.stderr(),
    text => text.includes('starts again'),
  )
  expect((await ready(url)).sync.state).toBe('failing')
  const figures = await (await fetch(`${url}/metrics`)).text()
  expect(figures).toContain('iam_logs_sync_failing 1\n')
  expect(figures).toContain('iam_logs_sync_runs_total{outcome="failed"} 1\n')
  const { code, stderr } = await server.stop()
  expect(code).toBe(0)
  expect(stderr).toContain('IAMReadOnly')
})

test.runIf(LONG)('a sync that hangs is killed, and the server still stops', async () => {
  using folder = temporaryFolder()
  fake.reset()
  fake.organization(ORGANIZATION).add(log())
  const { server, url } = await serve(folder.path)
  await until(
    () => ready(url),
    ({ sync }) => sync.state === 'fresh',
  )
  const pid = Number(/"process":"sync","processId":(\d+)/.exec(server.stderr())?.[1])
  process.kill(pid, 'SIGSTOP')
  await expect.poll(() => isAlive(pid)).toBe(false)
  await expect.poll(() => server.stderr()).toContain('sync does not respond; it is killed')
  expect((await server.stop()).code).toBe(0)
})

test('metrics have the ages of the last sync and of the coverage, and sync ends with a killed server', async () => {
  using folder = temporaryFolder()
  fake.reset()
  fake.organization(ORGANIZATION).add(log())
  const { server, url } = await serve(folder.path)
  await until(
    () => ready(url),
    ({ sync }) => sync.state === 'fresh',
  )
  await expect
    .poll(async () => (await fetch(`${url}/metrics`)).text())
    .toContain('iam_logs_sync_runs_total{outcome="done"} 1\n')
  const { sync } = await ready(url)
  const before = Date.now()
  const figures = await (await fetch(`${url}/metrics`)).text()
  const after = Date.now()
  for (const [name, instant] of [
    ['sync_lag', sync.lastSyncedAt],
    ['coverage_age', sync.completeUntil],
  ] as const) {
    const age = Number(new RegExp(`iam_logs_${name}_seconds ([\\d.]+)`).exec(figures)?.[1]) * 1000
    // The instant has microseconds, which these times do not have.
    expect(age).toBeGreaterThan(before - Date.parse(instant) - 2)
    expect(age).toBeLessThan(after - Date.parse(instant) + 2)
  }
  const pid = Number(/"process":"sync","processId":(\d+)/.exec(server.stderr())?.[1])
  expect(isAlive(pid)).toBe(true)
  await server.kill()
  await until(
    async () => isAlive(pid),
    alive => !alive,
  )
})
