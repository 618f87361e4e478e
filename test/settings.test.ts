// Settings in containers: variables of Kubernetes and Docker that are not settings, misspelt settings, the image, and its
// health check.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readConfig, unknownSettings } from '../src/cli/config.ts'
import { run, start, temporaryFolder } from './support/command.ts'

/** The variables of a Service `iam-logs`, another `iam-logs-database` with a named port, and a linked container. */
const LINKS = {
  IAM_LOGS_SERVICE_HOST: '10.43.12.7',
  IAM_LOGS_SERVICE_PORT: '4000',
  IAM_LOGS_SERVICE_PORT_HTTP: '4000',
  IAM_LOGS_PORT: 'tcp://10.43.12.7:4000',
  IAM_LOGS_PORT_4000_TCP: 'tcp://10.43.12.7:4000',
  IAM_LOGS_PORT_4000_TCP_PROTO: 'tcp',
  IAM_LOGS_PORT_4000_TCP_PORT: '4000',
  IAM_LOGS_PORT_4000_TCP_ADDR: '10.43.12.7',
  IAM_LOGS_DATABASE_SERVICE_HOST: '10.43.12.8',
  IAM_LOGS_DATABASE_SERVICE_PORT: '5432',
  IAM_LOGS_DATABASE_PORT: 'tcp://[fd00::8]:5432',
  IAM_LOGS_DATABASE_PORT_5432_TCP: 'tcp://[fd00::8]:5432',
  IAM_LOGS_DNS_PORT: 'udp://10.43.12.9:53',
  IAM_LOGS_DNS_PORT_53_UDP: 'udp://10.43.12.9:53',
  IAM_LOGS_NAME: '/web/iam-logs',
  IAM_LOGS_ENV_NODE_VERSION: '24.21.0',
}

test('variables that Kubernetes and Docker set for a service named iam-logs are not taken as settings', async () => {
  expect(readConfig(LINKS)).toEqual(readConfig({}))
  expect(unknownSettings(LINKS)).toEqual([])
  using folder = temporaryFolder()
  const options = { cwd: folder.path, environment: LINKS }
  expect(await run(['migrate'], options)).toMatchObject({ code: 0, stderr: '' })
  expect((await run(['token', 'list'], options)).code).toBe(0)
  const server = start(['serve', '--port', '0', '--no-sample'], options)
  await server.line(/http:/)
  expect((await server.stop()).code).toBe(0)
})

test('misspelt settings are reported, and invalid ports are refused', () => {
  const slips = { IAM_LOGS_PROT: '4000', IAM_LOGS_HTTP_PORT: '4000', IAM_LOGS_NAMES: 'x' }
  expect(unknownSettings(slips)).toEqual(Object.keys(slips))
  for (const IAM_LOGS_PORT of ['4000x', 'http', '99999', '//4000', 'tcp:4000']) {
    expect(() => readConfig({ IAM_LOGS_PORT })).toThrow('IAM_LOGS_PORT')
  }
})

const file = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))

test('the Dockerfile copies all sources before npm ci, which builds the page', () => {
  const dockerfile = readFileSync(file('Dockerfile'), 'utf8')
  // See the script `prepare`.
  expect(dockerfile.indexOf('COPY . .')).toBeLessThan(dockerfile.indexOf('npm ci'))
  expect(dockerfile).not.toMatch(/COPY package\.json/)
})

test("a container's health check and doctor find the server by its address file, whatever its options", async () => {
  const dockerfile = readFileSync(file('Dockerfile'), 'utf8')
  const [, script = ''] = /CMD \["node", "\/app\/(\S+)"\]/.exec(dockerfile) ?? []
  expect(dockerfile).toMatch(/IAM_LOGS_ADDRESS_FILE=\/\S+/)
  using folder = temporaryFolder()
  const environment = { IAM_LOGS_PORT: '1', IAM_LOGS_ADDRESS_FILE: join(folder.path, 'address') }
  const isHealthy = () =>
    spawnSync(process.execPath, [file(script)], { env: environment }).status === 0
  expect(isHealthy()).toBe(false)
  const options = { cwd: folder.path, environment }
  const server = start(['serve', '--port', '0', '--host', '0.0.0.0', '--no-sample'], options)
  const [, port = ''] = /:(\d+)$/.exec(await server.line(/listening/)) ?? []
  await expect.poll(isHealthy).toBe(true)
  const { stdout } = await run(['doctor'], options)
  expect(stdout).toMatch(new RegExp(`^ok +server +http://localhost:${port} is ready`, 'm'))
  await server.stop()
  expect(isHealthy()).toBe(false)
  const refused = await run(['serve', '--port', '0'], {
    ...options,
    environment: { IAM_LOGS_ADDRESS_FILE: 'no/where' },
  })
  expect([refused.code, refused.stderr]).toEqual([
    1,
    'error: IAM_LOGS_ADDRESS_FILE: "no/where" cannot be written (ENOENT); check its folder and permissions\n',
  ])
})
