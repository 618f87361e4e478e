// A client that GraphQL Code Generator makes of api.graphql, found as the package exports it: it compiles, says
// what is wrong where something is, and its documents are answered, by their texts and as persisted ones.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPersisted } from '../src/schema/persisted.ts'
import { generateClient, type SourceFile } from './clients/generate.ts'
import { openApp, type TestApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { subscribe } from './support/streams.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CLIENT = fileURLToPath(new URL('clients/client', import.meta.url))

type Send = (body: object) => Promise<{ data?: unknown; errors?: unknown }>

/** What clients/client/main.ts exports; its own types are there when it is generated. */
interface Client {
  readonly byText: unknown
  readonly byId: unknown
  linesOf(send: Send, tell: unknown, filter: object): Promise<string[]>
  subscription(tell: unknown, organizationId: string): object
}

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

let schema = ''
let documents: SourceFile
let generated: SourceFile[]
let compiled: { status: number | null; stdout: string }
let client: Client
let persisted: string

beforeAll(async () => {
  // Beside nothing of this clone but the package itself, as a project that depends on it.
  cpSync(CLIENT, folder.path, { recursive: true })
  writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(folder.path, 'node_modules'))
  symlinkSync(ROOT, join(folder.path, 'node_modules/iam-logs-gateway'))
  const typed = '@graphql-typed-document-node'
  symlinkSync(join(ROOT, 'node_modules', typed), join(folder.path, 'node_modules', typed))
  const main = join(folder.path, 'main.ts')
  const schemaFile = createRequire(main).resolve('iam-logs-gateway/api.graphql')
  schema = readFileSync(schemaFile, 'utf8')
  documents = { name: main, text: readFileSync(main, 'utf8') }
  generated = await generateClient(schema, documents)
  for (const file of generated) {
    const path = join(folder.path, file.name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.text)
  }
  persisted = readFileSync(join(folder.path, 'gql/persisted-documents.json'), 'utf8')
  compiled = compile()
  client = await import(pathToFileURL(join(folder.path, 'built/main.js')).href)
})

function compile() {
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  return spawnSync(tsc, ['-p', folder.path], { cwd: folder.path, encoding: 'utf8' })
}

const RENAMED = at('2026-01-01T12:00:00Z')

async function open(documents: string | null): Promise<{ app: TestApp; send: Send }> {
  const read = documents === null ? null : readPersisted(documents)
  expect(read?.faults).toBeUndefined()
  const app = await openApp({ persisted: read?.documents ?? null })
  const listing = { organizationId: ORGANIZATION, complete: false }
  await app.store.updateDirectory({ ...listing, kind: 'application', entries: [application()] })
  for (const [name, updatedAt] of [
    ['Ada Byron', RENAMED - 9],
    ['Ada Lovelace', RENAMED],
  ] as const) {
    await app.store.updateDirectory({
      ...listing,
      kind: 'user',
      entries: [user({ name, updatedAt })],
    })
  }
  await app.store.append(
    (['created', 'updated', 'archived', 'deleted'] as const).map((action, number) =>
      event({
        action,
        createdAt: RENAMED - 1 + number,
        principalId: number < 3 ? uuid(1) : uuid(404),
        category: number < 2 ? 'application' : 'api_key',
        resourceId: number < 2 ? uuid(2) : 'SCWA',
      }),
    ),
  )
  const token = await app.token()
  const send: Send = async body => {
    const response = await app.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: JSON.stringify(body),
    })
    return response.json() as Promise<{ data?: unknown; errors?: unknown }>
  }
  return { app, send }
}

const LINES = [
  '2026-01-01T11:59:59.999999Z Ada Lovelace <ada@example.com>, then Ada Byron made terraform',
  '2026-01-01T12:00:00.000000Z Ada Lovelace <ada@example.com> changed terraform',
  '2026-01-01T12:00:00.000001Z Ada Lovelace <ada@example.com> touched SCWA',
  '2026-01-01T12:00:00.000002Z Unknown, then null removed SCWA',
]

test('it compiles, and what is wrong with it would not', () => {
  expect(compiled).toMatchObject({ status: 0, stdout: '' })
  const main = join(folder.path, 'main.ts')
  const sound = readFileSync(main, 'utf8')
  writeFileSync(main, sound.replace('VERBS[action]', 'VERBS[action] + resource.category'))
  const { status, stdout } = compile()
  writeFileSync(main, sound)
  expect(status).not.toBe(0)
  expect(stdout).toMatch(/Property 'category' does not exist/)
})

test('a document that the schema does not know makes no client', async () => {
  const text = 'graphql(`query Rights { viewer { rights } }`)'
  await expect(generateClient(schema, { name: 'main.ts', text })).rejects.toThrow(
    /Cannot query field "rights" on type "Viewer"/,
  )
})

test('of the subgraph the same client is made', async () => {
  const file = createRequire(join(folder.path, 'main.ts')).resolve(
    'iam-logs-gateway/schema.graphql',
  )
  expect(await generateClient(readFileSync(file, 'utf8'), documents)).toEqual(generated)
})

test('its documents are answered by their texts', async () => {
  const { send } = await open(null)
  expect(await client.linesOf(send, client.byText, {})).toEqual(LINES)
  expect(await client.linesOf(send, client.byText, { actions: ['DELETED'] })).toEqual(
    LINES.slice(3),
  )
})

test('as persisted documents they are answered by their IDs, and only so', async () => {
  const { app, send } = await open(persisted)
  expect(await client.linesOf(send, client.byId, {})).toEqual(LINES)
  expect(await send({ query: '{ viewer { id } }' })).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  })
  const token = await app.token()
  const body = JSON.stringify(client.subscription(client.byId, ORGANIZATION))
  const listener = await subscribe((path, init) => app.fetch(path, { ...init, body }), { token })
  const next = event()
  await app.store.append([next])
  expect((await listener.next())?.data.data).toEqual({ eventRecorded: { eventId: next.id } })
  await listener.leave()
})
