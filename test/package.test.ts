// The published package, installed outside of the clone: it contains all that it needs, runs on plain Node, and serves
// with several processes.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { start, temporaryFolder } from './support/command.ts'
import { type Installed, installPacked } from './support/package.ts'

let installed: Installed
beforeAll(() => {
  installed = installPacked()
})
afterAll(() => rmSync(installed.path, { recursive: true, force: true }))

test('the package contains the program, its licences and its documentation, and no tests, TypeScript or data', () => {
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

test('its command prints its help and its version', () => {
  const print = (...args: string[]) =>
    execFileSync(process.execPath, [installed.command, ...args], { encoding: 'utf8' })
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(print('--help')).toMatch(/^Usage: iam-logs /)
  expect(print('--version')).toBe(`${version}\n`)
})

test('its server creates the sample history, and serves the graph and both pages with two workers', async () => {
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
