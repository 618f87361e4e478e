// The commands as a person sees them in a terminal.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { emptyDatabase, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import { CTRL_C, inTerminal } from './support/terminal.ts'

test('serve shows its links, then a line only for what matters, and no JSON', async () => {
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

test('a format that is asked for is used wherever the log goes', async () => {
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
    'error: IAM_LOGS_LOG_FORMAT ("xml") is no log format; give one of json, text\n',
  ])
})

test('the command that serve proposes makes a token, and its link opens the Logs page', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  const sample = ['sample', '--events', '50', '--organizations', '1', '--database', "a b's.db"]
  expect((await run(sample, { cwd })).code).toBe(0)
  const server = inTerminal(`iam-logs serve --port 0 --database "a b's.db"`, { cwd })
  const [, url = ''] = await server.until(/^listening on (\S+)$/m)
  const [, line = ''] = await server.until(/^There is no token yet\. To make one: (.+)$/m)
  // As it stands there, by a shell.
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

test('a secret that is written to a file is shown nowhere else', async () => {
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
