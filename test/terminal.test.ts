// The commands in a terminal: their output, and what Ctrl-C does.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { exportToFile } from '../src/transfer/export-to-file.ts'
import { NDJSON } from '../src/transfer/ndjson.ts'
import { ENTRY, emptyDatabase, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION, uuid } from './support/events.ts'
import { CTRL_C, inTerminal } from './support/terminal.ts'
import { ownerOf } from './support/viewers.ts'

test('serve prints its links, then one line at its end, and no JSON', async () => {
  using folder = temporaryFolder()
  const server = inTerminal('iam-logs serve --port 0 --no-sample', { cwd: folder.path })
  const [, url, secret] = await server.until(/^Logs: (\S+)\/#token=(\S+)$/m)
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: '{"query":"{ viewer { id } }"}',
  })
  expect(answer.status).toBe(200)
  server.type(CTRL_C)
  const { code, shown } = await server.ended
  expect(code).toBe(0)
  expect(shown.slice(shown.indexOf('Logs:')).replace(/\^C/, '')).toMatch(
    /^Logs: \S+\nGraphiQL: \S+\n\[[\d:]{8}\] INFO: stopping\n$/,
  )
})

test('the format of the log can be chosen, in a terminal and elsewhere', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  await emptyDatabase(cwd)
  const serve = 'serve --port 0 --no-sample --database iam-logs.db'
  const json = inTerminal(`iam-logs ${serve} --log-format json`, { cwd })
  await json.until(/listening on/)
  json.type(CTRL_C)
  expect((await json.ended).shown).toMatch(/^\S*{"level":"info",.*"msg":"stopping"}$/m)
  const environment = { IAM_LOGS_LOG_FORMAT: 'text' }
  const text = start(serve.split(' '), { cwd, environment })
  await text.line(/listening on/)
  expect((await text.stop()).stderr).toMatch(/^\[[\d:]{8}\] INFO: stopping\n$/)
  const wrong = await run(serve.split(' '), { cwd, environment: { IAM_LOGS_LOG_FORMAT: 'xml' } })
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    'error: IAM_LOGS_LOG_FORMAT ("xml") is not a log format; give one of json, text\n',
  ])
})

test('the command that serve suggests creates a token, and prints a link with it', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  const sample = ['sample', '--events', '50', '--organizations', '1', '--database', "a b's.db"]
  expect((await run(sample, { cwd })).code).toBe(0)
  const server = inTerminal(`iam-logs serve --port 0 --database "a b's.db"`, { cwd })
  const [, url = ''] = await server.until(/^listening on (\S+)$/m)
  const [, line = ''] = await server.until(/^There is no token yet\. To create one: (.+)$/m)
  // The line is run by a shell, unchanged.
  const environment = { IAM_LOGS_PUBLIC_URL: url }
  const making = inTerminal(line, { cwd, environment })
  const { code, shown } = await making.ended
  expect(code).toBe(0)
  const [, link = '', secret = ''] = /^Logs: (\S+#token=(\S+))$/m.exec(shown) ?? []
  expect(link).toBe(`${url}/#token=${secret}`)
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: '{"query":"{ organizations { events { totalCount } } }"}',
  })
  expect(await answer.json()).toEqual({ data: { organizations: [{ events: { totalCount: 50 } }] } })
  server.type(CTRL_C)
  expect((await server.ended).code).toBe(0)
})

test('the secret of a new token is not shown in the terminal if it is redirected to a file', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  await emptyDatabase(cwd)
  const create = `iam-logs token create --organization ${ORGANIZATION} --owner`
  const { code, shown } = await inTerminal(`${create} > secret`, { cwd }).ended
  expect(code).toBe(0)
  const secret = execFileSync('cat', ['secret'], { cwd, encoding: 'utf8' })
  expect(secret).toMatch(/^ilg_\S+\n$/)
  expect(shown).toMatch(/^token \S+ for http:\/\/127\.0\.0\.1:4000\/; keep its secret/m)
  expect(shown).not.toContain('ilg_')
})

test('Ctrl-C during an import keeps the imported events, and the message says how to continue', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  const events = Array.from({ length: 50 }, (_, at) => ({
    id: uuid(at),
    created_at: '2026-01-31T12:00:00Z',
    ip: null,
    user_agent: null,
    action: 'created',
    bearer_id: uuid(1),
    organization_id: ORGANIZATION,
    resource_type: 'group',
    resource_id: uuid(2),
  }))
  writeFileSync(join(cwd, 'events.ndjson'), events.map(one => `${JSON.stringify(one)}\n`).join(''))
  // The input does not end after these.
  const importing = inTerminal('(cat events.ndjson; sleep 600) | iam-logs import -', { cwd })
  await importing.until(new RegExp(`standard input: ${events.length} events`))
  importing.type(CTRL_C)
  const { shown } = await importing.ended
  expect(shown).toContain(`standard input: ${events.length} new events, 0 already here\n`)
  expect(shown).toContain(
    'stopped: everything imported so far is kept; to continue, run it again\n',
  )
  const again = await run(['import', 'events.ndjson'], { cwd })
  expect(again.stdout).toBe(`events.ndjson: 0 new events, ${events.length} already here\n`)
})

describe('an export', () => {
  const SAMPLE = 'sample --events 3000 --organizations 1'.split(' ')
  const folder = temporaryFolder()
  const cwd = folder.path
  let organizationId = ''
  beforeAll(async () => {
    await run(SAMPLE, { cwd })
    organizationId =
      /^[0-9a-f-]{36}/m.exec((await run(['organization', 'list'], { cwd })).stdout)?.[0] ?? ''
  })
  afterAll(() => folder[Symbol.dispose]())

  test('with a filter shows its progress in a terminal', async () => {
    const line = `iam-logs export --organization ${organizationId} --actions CREATED --output created.ndjson`
    const { code, shown } = await inTerminal(line, { cwd }).ended
    expect([code, shown]).toEqual([
      0,
      expect.stringMatching(/export \S+ \d+% \| [\d,]+ events \| /),
    ])
  })

  test('to a pipe that is stopped prints the options that export the rest', async () => {
    const args = ['export', '--organization', organizationId]
    const exporting = spawn(process.execPath, [ENTRY, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    exporting.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    await once(exporting.stdout, 'readable')
    exporting.kill('SIGINT')
    const begun = await text(exporting.stdout)
    if (exporting.exitCode === null) await once(exporting, 'close')
    expect(exporting.exitCode).toBe(1)
    expect(begun).not.toContain('iam_logs_export')
    const [, rest = ''] =
      /^stopped: .* run it again with (--snapshot \S+ --after \S+)\n$/.exec(stderr) ?? []
    const { stdout } = await run([...args, ...rest.split(' ')], { cwd })
    writeFileSync(join(cwd, 'both.ndjson'), begun + stdout)
    const verified = await run(['verify-export', 'both.ndjson'], { cwd })
    expect(verified.stdout).toMatch(/^both\.ndjson is complete: 3,000 events, /)
  })

  test('to a file that is stopped keeps its part, and is resumed from there', async () => {
    const store = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
    const log = store.reader(ownerOf(organizationId))
    const snapshot = await log.lastArrival(organizationId)
    const request = { organizationId, filter: {}, format: NDJSON, trailer: true, snapshot }
    const file = join(cwd, 'stopped.ndjson')
    const stop = new AbortController()
    const options = { permissionSets: null, progress: () => stop.abort() }
    const stopped = await exportToFile(log, request, file, {
      ...options,
      resume: false,
      stop: stop.signal,
    })
    expect(stopped.part).toMatch(/stopped\.ndjson\..*\.part$/)
    expect(stopped.events).toBeGreaterThan(0)
    expect(stopped.events).toBeLessThan(3000)
    const running = new AbortController().signal
    const done = await exportToFile(log, request, file, { ...options, resume: true, stop: running })
    expect(done).toEqual({ events: 3000, snapshot, part: null })
    await store.close()
  })
})

test('Ctrl-C during the creation of sample events exits with 1, and the message says how to continue', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  const making = inTerminal('iam-logs sample --events 10_000_000', { cwd })
  await making.until(/\| [1-9][\d,]* events/)
  making.type(CTRL_C)
  const { code, shown } = await making.ended
  expect(code).toBe(1)
  expect(shown).toMatch(
    /stopped: events created so far are kept; to continue, run: iam-logs sample\n/,
  )
})
