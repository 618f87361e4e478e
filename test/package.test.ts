// The package that is published, installed away from the clone: it holds what it needs, runs on plain Node, and
// answers; also from several processes, which find their own files there.

import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { start, temporaryFolder } from './support/command.ts'
import { type Installed, installPacked } from './support/package.ts'

let installed: Installed
beforeAll(() => {
  installed = installPacked()
})
afterAll(() => rmSync(installed.path, { recursive: true, force: true }))

test('it holds what it runs on and what it is known by, and nothing of the workshop', () => {
  const { files } = installed
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'dist/cli/main.js',
      'dist/page/graphiql/licences.txt',
      'dist/page/graphiql/page.js',
      'dist/page/graphiql/yoga.js',
      'dist/page/logs/licences.txt',
      'dist/page/logs/page.css',
      'dist/page/logs/page.js',
      'dist/web/graphiql/page.html',
      'docs/settings.md',
      'drizzle/postgres/meta/_journal.json',
      'drizzle/sqlite/meta/_journal.json',
      'packaging/iam-logs.service',
      'schema.graphql',
      'src/cli/iam-logs.js',
    ]),
  )
  expect(
    files.filter(file =>
      /^(test|bench)\/|(?<!^packaging\/api\.d)\.tsx?$|\.db$|\.token$/.test(file),
    ),
  ).toEqual([])
})

test('its commands say what they do, and which version they are', () => {
  const say = (...args: string[]) =>
    execFileSync(process.execPath, [installed.command, ...args], { encoding: 'utf8' })
  expect(say('--help')).toMatch(/^Usage: iam-logs /)
  expect(say('--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('its server makes up a history, and answers from two processes', async () => {
  using folder = temporaryFolder()
  const server = start(['serve', '--port', '0'], {
    cwd: folder.path,
    environment: { IAM_LOGS_WORKERS: '2' },
    entry: installed.command,
  })
  const [, url = '', token = ''] =
    /(http:\/\/[\d.:]+)\/graphql#token=(\S+)/.exec(await server.line(/graphql#token=/)) ?? []
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token },
    body: '{"query":"{ organizations { name events { totalCount } } }"}',
  })
  const { data } = (await answer.json()) as {
    data: { organizations: { events: { totalCount: number } }[] }
  }
  expect(data.organizations.reduce((sum, { events }) => sum + events.totalCount, 0)).toBe(20_000)
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
  expect(await page.text()).toContain('graphiql')
  const logs = await (await fetch(`${url}/`)).text()
  const script = await fetch(`${url}/${/src="([^"]+)"/.exec(logs)?.[1]}`)
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect((await server.stop()).code).toBe(0)
  expect(existsSync(join(folder.path, 'iam-logs.db'))).toBe(true)
})
