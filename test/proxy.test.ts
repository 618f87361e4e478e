// Outgoing requests through a proxy: which ones use it, what doctor reports about it, and what happens if it fails.

import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { readProxy, secretsOf } from '../src/cli/config.ts'
import { UserError } from '../src/errors.ts'
import { run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION, uuid } from './support/events.ts'

const SCALEWAY = {
  ...{ SCW_ACCESS_KEY: 'SCWAAAAAAAAAAAAAAAAA', SCW_SECRET_KEY: uuid(2) },
  ...{ SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION, SCW_API_URL: 'https://iam.example.invalid' },
}

/** A proxy that records the targets of CONNECT requests. */
async function startProxy(answer: (socket: Socket) => void) {
  const targets: string[] = []
  const server = createServer().on('connect', ({ url = '' }, socket: Socket) => {
    targets.push(url)
    answer(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise<void>(resolve => server.close(() => resolve()))
  return { port, targets, [Symbol.asyncDispose]: close }
}

test('doctor uses the proxy, reports it without its password, and reports its response', async () => {
  using folder = temporaryFolder()
  await using proxy = await startProxy(socket => socket.end('HTTP/1.1 407 Who are you\r\n\r\n'))
  const at = `127.0.0.1:${proxy.port}`
  const environment = {
    ...{ ...SCALEWAY, IAM_LOGS_PORT: '1' },
    ...{ https_proxy: `http://me:s3cret-word@${at}`, NO_PROXY: 'db.example.com' },
  }
  const { code, stdout } = await run(['doctor'], { cwd: folder.path, environment })
  expect(code).toBe(1)
  expect(proxy.targets).toEqual(['iam.example.invalid:443'])
  expect(stdout).toMatch(
    new RegExp(`^ok +proxy +HTTPS_PROXY is ${at}, except for db.example.com,localhost,127`, 'm'),
  )
  expect(stdout).toMatch(
    /^FAULT +upstream +https:\/\/iam\.example\.invalid does not respond: Proxy response \(407\)/m,
  )
  expect(stdout).not.toContain('s3cret')
})

test('hosts in NO_PROXY and this machine are requested without the proxy', async () => {
  using folder = temporaryFolder()
  await using proxy = await startProxy(socket => socket.destroy())
  const HTTPS_PROXY = `127.0.0.1:${proxy.port}`
  for (const more of [
    { NO_PROXY: '.example.invalid' },
    { SCW_API_URL: 'https://localhost:1' },
    { SCW_API_URL: 'https://127.0.0.1:1' },
  ]) {
    const environment = {
      ...SCALEWAY,
      IAM_LOGS_PORT: '1',
      HTTPS_PROXY,
      HTTP_PROXY: HTTPS_PROXY,
      ...more,
    }
    const { stdout } = await run(['doctor'], { cwd: folder.path, environment })
    expect(stdout).toMatch(/^FAULT +upstream /m)
  }
  expect(proxy.targets).toEqual([])
})

test('sync connects to a proxy that hangs up once for each of its tries', async () => {
  using folder = temporaryFolder()
  await using proxy = await startProxy(socket => socket.destroy())
  const environment = { ...SCALEWAY, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
  const sync = start(['sync'], { cwd: folder.path, environment })
  await expect.poll(() => sync.stderr()).toContain('try 4 of 8')
  expect(proxy.targets).toHaveLength(3)
  await sync.stop()
})

test('an invalid proxy address is refused by commands that use it, without its password, and ignored by others', async () => {
  for (const HTTPS_PROXY of ['socks5://127.0.0.1:1', 'http://', '://secret', 'http://a b']) {
    expect(() => readProxy({ HTTPS_PROXY })).toThrow(UserError)
    expect(() => readProxy({ HTTPS_PROXY })).toThrow(
      /^HTTPS_PROXY is not the address of a proxy; [^\n]+$/,
    )
  }
  using folder = temporaryFolder()
  const environment = { ...SCALEWAY, HTTPS_PROXY: 'socks5://me:hunter2x@127.0.0.1:1' }
  const options = { cwd: folder.path, environment }
  expect((await run(['migrate'], options)).code).toBe(0)
  const { code, stderr } = await run(['sync'], options)
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: HTTPS_PROXY is not [^\n]+\n$/)])
  expect(stderr).not.toContain('hunter2x')
})

test('proxy variables are read in lower and upper case, empty ones are ignored, and a password is kept secret', () => {
  expect(readProxy({ HTTPS_PROXY: '', NO_PROXY: 'x' })).toBeNull()
  expect(readProxy({ https_proxy: 'proxy:3128', HTTPS_PROXY: 'http://other' })?.variables).toEqual({
    HTTPS_PROXY: 'http://proxy:3128',
    NO_PROXY: 'localhost,127.0.0.1,::1',
  })
  const environment = { HTTPS_PROXY: 'http://me:hunter2@proxy' }
  expect(secretsOf({ database: 'x', replicas: [] }, environment)).toContain('hunter2')
})
