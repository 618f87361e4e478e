// iam-logs organization: names that an operator gives to Organizations are shown everywhere, and kept by every sync.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyDatabase, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION, OTHER_ORGANIZATION } from './support/events.ts'
import { startFakeScaleway } from './support/scaleway.ts'

async function synced(cwd: string) {
  const fake = await startFakeScaleway()
  fake.organization(ORGANIZATION)
  const environment = {
    SCW_ACCESS_KEY: fake.accessKey,
    SCW_SECRET_KEY: fake.secretKey,
    SCW_API_URL: fake.url,
    SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
  }
  const sync = async () => expect((await run(['sync'], { cwd, environment })).code).toBe(0)
  await sync()
  return { sync, [Symbol.asyncDispose]: () => fake.close() }
}

/** The name that the graph returns. */
async function nameInGraph(cwd: string): Promise<unknown> {
  const create = ['token', 'create', '--organization', ORGANIZATION, '--owner']
  const secret = (await run(create, { cwd })).stdout.trim()
  const server = start(['serve', '--port', '0', '--database', 'iam-logs.db'], { cwd })
  const url = /http:\S+/.exec(await server.line(/listening on/))?.[0]
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': secret },
    body: '{"query":"{ organizations { name } }"}',
  })
  const { data } = (await answer.json()) as { data: { organizations: { name: unknown }[] } }
  await server.stop()
  return data.organizations[0]?.name
}

test('a name is in the graph, in the list and in the audit records, is kept by a sync, and can be removed', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  await using scaleway = await synced(cwd)
  const environment = { IAM_LOGS_AUDIT: join(cwd, 'audit') }
  const name = (...args: string[]) =>
    run(['organization', 'name', ORGANIZATION, ...args], { cwd, environment })
  expect(await name(' Northwind Prod ')).toEqual({
    code: 0,
    stdout: `${ORGANIZATION} is named "Northwind Prod"\n`,
    stderr: '',
  })
  await scaleway.sync()
  expect(await nameInGraph(cwd)).toBe('Northwind Prod')
  const listed = await run(['organization', 'list'], { cwd })
  expect(listed.stdout).toMatch(new RegExp(`^ID +NAME\n${ORGANIZATION} +Northwind Prod\n$`))

  expect(await name('--remove')).toMatchObject({
    code: 0,
    stdout: `the name of ${ORGANIZATION} is removed\n`,
  })
  expect((await run(['organization', 'list'], { cwd })).stdout).toMatch(/ +-\n$/)
  const records = readFileSync(join(cwd, 'audit'), 'utf8')
  expect(
    records
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toMatchObject(
    ['Northwind Prod', null].map(organizationName => ({
      event: 'organization_named',
      command: 'organization name',
      organizationId: ORGANIZATION,
      organizationName,
    })),
  )
})

test('naming an unknown Organization, or giving an invalid name, is refused with one line', async () => {
  using folder = temporaryFolder()
  const { path: cwd } = folder
  await emptyDatabase(cwd)
  const name = (...args: string[]) => run(['organization', 'name', ...args], { cwd })
  const missing = await name(OTHER_ORGANIZATION, 'Difference Engines')
  expect([missing.code, missing.stderr]).toEqual([
    1,
    `error: Organization "${OTHER_ORGANIZATION}" not found in ./iam-logs.db; see: iam-logs organization list\n`,
  ])
  expect(await run(['organization', 'list'], { cwd })).toMatchObject({
    code: 0,
    stdout: 'ID  NAME\n',
  })
  for (const args of [
    [],
    ['A', '--remove'],
    [''],
    ['x'.repeat(101)],
    ['two\nlines'],
    ['\u202eback'],
  ]) {
    const { code, stdout, stderr } = await name(OTHER_ORGANIZATION, ...args)
    expect([code, stdout, stderr.match(/\n/g)?.length], JSON.stringify(args)).toEqual([2, '', 1])
  }
})
