// A server that runs only persisted documents, whichever way clients name them, for queries and subscriptions; and the
// file of these documents, whose faults keep the server from starting.

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getIntrospectionQuery } from 'graphql'
import { beforeEach, describe, expect, test } from 'vitest'
import { readPersisted } from '../src/schema/persisted.ts'
import { openApp, type TestApp } from './support/app.ts'
import { run, start, temporaryFolder } from './support/command.ts'
import { event, idIn, ORGANIZATION } from './support/events.ts'
import { EVENTS, subscribe } from './support/streams.ts'

const EVENT_BY_ID = `query EventById($id: ID!) {
  # What a list shows.
  event(id: $id) { id, action }
}`
const VIEWER = '{ viewer { memberships { owner } } }'
const DOCUMENTS = { one: EVENT_BY_ID, two: VIEWER, watch: EVENTS }

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const REFUSED = {
  message:
    'only persisted documents are accepted, and this document is not one of them; send the documentId of one',
  extensions: { code: 'FORBIDDEN' },
}

let app: TestApp
let token: string
const known = event()

async function open(documents: Record<string, string> | null): Promise<void> {
  app = await openApp(documents === null ? {} : { persisted: new Map(Object.entries(documents)) })
  await app.store.append([known])
  token = await app.token()
}

async function send(body: object, headers: Record<string, string> = {}) {
  const response = await app.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token, ...headers },
    body: JSON.stringify(body),
  })
  const { data, errors } = JSON.parse(await response.text())
  return { status: response.status, data, errors }
}

describe('a server with persisted documents', () => {
  beforeEach(() => open(DOCUMENTS))

  const variables = { id: known.id }
  const persistedQuery = { version: 1, sha256Hash: sha256(EVENT_BY_ID) }
  test.each([
    ['its ID', { documentId: 'one' }],
    ['its hash, as GraphQL over HTTP says', { documentId: `sha256:${sha256(EVENT_BY_ID)}` }],
    ['its bare hash', { documentId: sha256(EVENT_BY_ID) }],
    ["its hash, as Apollo's clients do", { extensions: { persistedQuery } }],
    ["its ID, as Apollo's clients do", { extensions: { persistedQuery: { sha256Hash: 'one' } } }],
    ['its text', { query: EVENT_BY_ID }],
    ['its text in another format', { query: 'query EventById($id:ID!){event(id:$id){id action}}' }],
    ['its text and hash', { query: EVENT_BY_ID, extensions: { persistedQuery } }],
  ])('runs a persisted document named by %s', async (_, body) => {
    expect(await send({ ...body, variables })).toEqual({
      status: 200,
      data: { event: { id: idIn('event', known.id), action: 'CREATED' } },
      errors: undefined,
    })
  })

  test.each([
    ['another ID', { documentId: 'three' }],
    ['another hash', { documentId: `sha256:${sha256('{ viewer { id } }')}` }],
    ['a name that objects have', { documentId: '__proto__' }],
    ['no ID', { documentId: '' }],
    [
      "another hash, as Apollo's clients do",
      { extensions: { persistedQuery: { sha256Hash: sha256('') } } },
    ],
    ['another text', { query: '{ viewer { memberships { owner } name } }' }],
    ['the same text and more', { query: `${VIEWER} fragment F on Viewer { id }` }],
    [
      'another text under a known hash',
      { query: '{ __typename }', extensions: { persistedQuery } },
    ],
    ['the introspection query', { query: getIntrospectionQuery() }],
    [
      'a subscription',
      { query: `subscription { eventRecorded(organizationId: "${ORGANIZATION}") { id } }` },
    ],
    ['no GraphQL', { query: '"' }],
    ['no text', { query: '' }],
  ])('refuses %s with the same error as any other document', async (_, body) => {
    for (const accept of [
      'application/json',
      'application/graphql-response+json',
      'text/event-stream',
    ]) {
      expect(await send(body, { accept })).toEqual({
        status: 403,
        data: undefined,
        errors: [REFUSED],
      })
    }
  })

  test.each([
    ['nothing', {}, 'documentId is missing; send {"documentId": "…"}'],
    ['a number', { documentId: 1 }, 'documentId must be a string'],
    ['an ID and a text', { documentId: 'one', query: VIEWER }, /^query and documentId were both/],
    ['two documents', { query: VIEWER, extensions: { persistedQuery } }, /are different documents/],
  ])('answers %s with BAD_USER_INPUT', async (_, body, message) => {
    expect(await send(body)).toMatchObject({
      status: 422,
      errors: [{ message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })

  test('refuses a wrong token, the same for a known document as for an unknown one', async () => {
    token = 'nobody'
    const known = await send({ documentId: 'one', variables })
    expect(known).toMatchObject({ status: 401, data: undefined })
    expect(await send({ documentId: 'three', variables })).toEqual(known)
  })

  test('delivers events to a persisted subscription, named by its text or its ID', async () => {
    for (const body of [{ query: EVENTS }, { documentId: 'watch' }]) {
      const listener = await subscribe(
        (path, init) => {
          const { variables } = JSON.parse(String(init.body))
          return app.fetch(path, { ...init, body: JSON.stringify({ ...body, variables }) })
        },
        { token },
      )
      const next = event()
      await app.store.append([next])
      expect((await listener.next())?.data.data.eventRecorded).toEqual({ id: next.id })
      await listener.leave()
    }
  })

  test('says on the page of GraphiQL that it runs only persisted documents', async () => {
    const page = async () => {
      const response = await app.fetch('/graphql', { headers: { accept: 'text/html' } })
      return response.text()
    }
    const NOTICE = 'This server runs only persisted documents'
    expect(await page()).toContain(NOTICE)
    await open(null)
    expect(await page()).not.toContain(NOTICE)
    expect(await page()).not.toContain('{{')
  })
})

test('a server without persisted documents refuses a documentId, and asks for the text of a query', async () => {
  await open(null)
  expect(await send({ documentId: 'one' })).toMatchObject({
    status: 422,
    errors: [{ message: expect.stringMatching(/this server has no persisted documents; send/) }],
  })
  expect(await send({ variables: {} })).toMatchObject({
    status: 422,
    errors: [{ message: 'query is missing; send {"query": "…"}' }],
  })
  expect((await send({ query: VIEWER, documentId: null })).status).toBe(200)
})

describe('a file of persisted documents', () => {
  const read = (json: unknown) => readPersisted(JSON.stringify(json))

  test('is an object of texts by ID, or the manifest of Apollo', () => {
    expect(read(DOCUMENTS).documents).toEqual(new Map(Object.entries(DOCUMENTS)))
    const operations = Object.entries(DOCUMENTS).map(([id, body]) => ({
      id,
      body,
      name: id,
      type: 'query',
    }))
    const manifest = { format: 'apollo-persisted-query-manifest', version: 1, operations }
    expect(read(manifest).documents).toEqual(new Map(Object.entries(DOCUMENTS)))
  })

  test.each([
    ['no object', [VIEWER], ['is not a JSON object; give {"ID": "query …", …}']],
    ['nothing', {}, ['contains no documents']],
    ['a number', { one: 1, two: VIEWER }, ['"one" is not a string']],
    [
      'unknown fields and a syntax error',
      { one: '{ viewer { id }\n xyzzy something }', two: '{ viewer {' },
      [
        '"one": Cannot query field "xyzzy" on type "Query". (line 2, column 2)',
        '"one": Cannot query field "something" on type "Query". (line 2, column 8)',
        '"two": Syntax Error: Expected Name, found <EOF>. (line 1, column 11)',
      ],
    ],
    [
      'fragments only',
      { one: 'fragment F on Viewer { id }' },
      ['"one": Fragment "F" is never used. (line 1, column 1)'],
    ],
    [
      'a document above the limits',
      { one: `{ ${Array.from({ length: 31 }, (_, at) => `a${at}: __typename`).join(' ')} }` },
      ['"one": root fields: 31 is more than 10; ask for less at once'],
    ],
    [
      'an ID that occurs twice, and no ID',
      {
        format: 'apollo-persisted-query-manifest',
        operations: [
          { id: 'one', body: VIEWER },
          { id: 'one', body: EVENT_BY_ID },
          { body: VIEWER },
        ],
      },
      ['"one" occurs twice', 'has a document without an ID'],
    ],
  ])('with %s is refused, and each fault is listed', (_, json, faults) => {
    expect(read(json)).toEqual({ faults })
  })

  test('that cannot be read or has faults keeps a server of several processes from starting', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'documents.json')
    for (const [text, message] of [
      [null, /^error: persisted documents ".*" cannot be read \(ENOENT\); give the file .*\n$/],
      [
        '{',
        /documents.json: is not valid JSON: .*\nerror: persisted documents ".*" have 1 fault; build .*\n$/,
      ],
      [
        JSON.stringify({ one: '{ nobody }', two: '{ noone }' }),
        /^.*documents.json: "one": Cannot.*\n.*documents.json: "two": Cannot.*\nerror: .* have 2 faults; build .*\n$/,
      ],
    ] as const) {
      if (text !== null) writeFileSync(file, text)
      const environment = { IAM_LOGS_WORKERS: '2', IAM_LOGS_PERSISTED: file }
      const ended = await run(['serve', '--no-sample', '--port', '0'], {
        cwd: folder.path,
        environment,
      })
      expect(ended).toMatchObject({ code: 1, stdout: '' })
      expect(ended.stderr).toMatch(message)
    }
  })

  test.each(['1', '2'])(
    'is read once at the start of a server, here of %s processes',
    async workers => {
      using folder = temporaryFolder()
      const file = join(folder.path, 'documents.json')
      writeFileSync(file, JSON.stringify(DOCUMENTS))
      const server = start(['serve', '--port', '0', '--no-sample', '--persisted', file], {
        cwd: folder.path,
        environment: { IAM_LOGS_WORKERS: workers, IAM_LOGS_PERSISTED: 'nowhere.json' },
      })
      const [, url, secret] =
        /(http:.*)\/graphql#token=(.*)/.exec(await server.line(/graphql#token=/)) ?? []
      // A later change of the file has no effect.
      writeFileSync(file, '{')
      const ask = async (body: object) => {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-auth-token': secret ?? '' },
          body: JSON.stringify(body),
        })
        return { status: response.status, ...((await response.json()) as object) }
      }
      for (let times = 0; times < 4; times++) {
        expect(await ask({ documentId: 'two' })).toMatchObject({ data: { viewer: {} } })
        expect(await ask({ query: '{ viewer { id } }' })).toEqual({
          status: 403,
          errors: [REFUSED],
        })
      }
      expect((await server.stop()).code).toBe(0)
    },
  )
})
