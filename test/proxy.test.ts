// A network that is left by a proxy only: it is used, it is told of, and one that does not do its work is asked again
// with patience.

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

/** Where each asked to be led to. */
async function startProxy(answer: (socket: Socket) => void) {
  const asked: string[] = []
  const server = createServer().on('connect', ({ url = '' }, socket: Socket) => {
    asked.push(url)
    answer(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise<void>(resolve => server.close(() => resolve()))
  return { port, asked, [Symbol.asyncDispose]: close }
}

test('the doctor asks by the proxy, says so without its password, and what the proxy says', async () => {
  using folder = temporaryFolder()
  await using proxy = await startProxy(socket => socket.end('HTTP/1.1 407 Who are you\r\n\r\n'))
  const at = `127.0.0.1:${proxy.port}`
  const environment = {
    ...{ ...SCALEWAY, IAM_LOGS_PORT: '1' },
    ...{ https_proxy: `http://me:s3cret-word@${at}`, NO_PROXY: 'db.example.com' },
  }
  const { code, stdout } = await run(['doctor'], { cwd: folder.path, environment })
  expect(code).toBe(1)
  expect(proxy.asked).toEqual(['iam.example.invalid:443'])
  expect(stdout).toMatch(
    new RegExp(`^ok +proxy +HTTPS_PROXY is ${at}, except for db.example.com,localhost,127`, 'm'),
  )
  expect(stdout).toMatch(
    /^FAULT +upstream +https:\/\/iam\.example\.invalid does not respond: Proxy response \(407\)/m,
  )
  expect(stdout).not.toContain('s3cret')
})

test('what NO_PROXY names, and this machine, is asked without it', async () => {
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
  expect(proxy.asked).toEqual([])
})

test('a proxy that hangs up is asked once a try', async () => {
  using folder = temporaryFolder()
  await using proxy = await startProxy(socket => socket.destroy())
  const environment = { ...SCALEWAY, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
  const sync = start(['sync'], { cwd: folder.path, environment })
  await expect.poll(() => sync.stderr()).toContain('try 4 of 8')
  expect(proxy.asked).toHaveLength(3)
  await sync.stop()
})

test('an address that is none is refused by who would use it, and by nobody else', async () => {
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

test('the usual variables are read in either case, empty ones not at all', () => {
  expect(readProxy({ HTTPS_PROXY: '', NO_PROXY: 'x' })).toBeNull()
  expect(readProxy({ https_proxy: 'proxy:3128', HTTPS_PROXY: 'http://other' })?.variables).toEqual({
    HTTPS_PROXY: 'http://proxy:3128',
    NO_PROXY: 'localhost,127.0.0.1,::1',
  })
  const environment = { HTTPS_PROXY: 'http://me:hunter2@proxy' }
  expect(secretsOf({ database: 'x', replicas: [] }, environment)).toContain('hunter2')
})
