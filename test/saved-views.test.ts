// Saved views through the graph: who may see, change and delete them, what is refused, and the audit records.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditRecord } from '../src/audit-record.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'

let app: TestApp
let records: AuditRecord[]

beforeEach(async () => {
  records = []
  app = await openApp({
    watching: {
      audit: record => {
        records.push(record)
      },
    },
  })
  await app.store.append([event()])
})

afterEach(async () => {
  await app.store.close()
  expect(app.faults).toEqual([])
})

const VIEW = 'id name pageQuery shared mine deletable author'
const SAVE = `mutation ($organization: ID!, $name: String!, $query: String!, $shared: Boolean! = false) {
  saveView(organizationId: $organization, name: $name, pageQuery: $query, shared: $shared) { ${VIEW} } }`
const CHANGE = `mutation ($id: ID!, $name: String, $query: String, $shared: Boolean) {
  changeView(id: $id, name: $name, pageQuery: $query, shared: $shared) { ${VIEW} } }`
const DELETE = `mutation ($id: ID!) { deleteView(id: $id) { ${VIEW} } }`
const LIST = `query ($organization: ID!) { organization(id: $organization) { savedViews { ${VIEW} } } }`

const DELETIONS = { organization: ORGANIZATION, name: 'Deletions', query: 'actions=DELETED' }

const listed = async (token?: string) =>
  (await app.ask(LIST, { organization: ORGANIZATION }, token)).data?.organization?.savedViews

const codes = ({ errors }: Awaited<ReturnType<TestApp['ask']>>) =>
  errors?.map(error => error.extensions.code)

test('a view is saved, fetched by its ID, renamed, shared and deleted, and each change has an audit record', async () => {
  const { data } = await app.ask(SAVE, DELETIONS)
  const view = data?.saveView
  const own = { mine: true, deletable: true, author: 'owner', shared: false }
  const id = expect.stringMatching(new RegExp(`^view:${ORGANIZATION}:[\\da-f-]{36}$`))
  expect(view).toEqual({ id, name: 'Deletions', pageQuery: 'actions=DELETED', ...own })
  expect(await listed()).toEqual([view])
  const asNode = `query ($id: ID!) { node(id: $id) { __typename id ... on SavedView { name } } }`
  const node = { __typename: 'SavedView', id: view.id, name: 'Deletions' }
  expect((await app.ask(asNode, { id: view.id })).data).toEqual({ node })

  const changed = await app.ask(CHANGE, { id: view.id, name: ' Gone\n for  good ', shared: true })
  const after = { ...view, name: 'Gone for good', shared: true }
  expect(changed.data).toEqual({ changeView: after })
  expect((await app.ask(DELETE, { id: view.id })).data).toEqual({ deleteView: after })
  expect(await listed()).toEqual([])
  expect((await app.ask(asNode, { id: view.id })).data).toEqual({ node: null })

  const [, organizationId, viewId] = view.id.split(':')
  const [first] = records
  expect(first).toEqual({
    ...{ event: 'view_saved', requestId: expect.any(String), address: null },
    ...{ tokenId: expect.any(String), tokenName: 'owner', organizationId, viewId },
    ...{ name: 'Deletions', pageQuery: 'actions=DELETED', shared: false, mine: true },
  })
  expect(records.slice(1)).toMatchObject([
    { event: 'view_changed', viewId, name: 'Gone for good', shared: true },
    { event: 'view_deleted', viewId, name: 'Gone for good', shared: true },
  ])
})

test('a shared view is seen by others, but changed by its author only and deleted also by Owners', async () => {
  const auditor = await app.token(['AuditTrailReadOnly'])
  const colleague = await app.token(['AuditTrailFullAccess'])
  const reader = await app.token(['IAMReadOnly'])
  await app.ask(SAVE, { ...DELETIONS, name: 'Not shared' }, auditor)
  const { data } = await app.ask(SAVE, { ...DELETIONS, shared: true }, auditor)
  const view = { ...data?.saveView, mine: false }
  expect(await listed(colleague)).toEqual([{ ...view, deletable: false, author: null }])
  expect(await listed(reader)).toEqual([
    { ...view, deletable: false, author: 'AuditTrailReadOnly' },
  ])
  expect(await listed()).toEqual([{ ...view, author: 'AuditTrailReadOnly' }])
  const { id } = view
  records = []
  for (const token of [colleague, reader]) {
    expect(codes(await app.ask(DELETE, { id }, token))).toEqual(['FORBIDDEN'])
    expect(codes(await app.ask(CHANGE, { id, shared: false }, token))).toEqual(['FORBIDDEN'])
  }
  expect(records).toEqual([])
  expect((await app.ask(DELETE, { id })).data?.deleteView.name).toBe('Deletions')
  expect(records).toMatchObject([{ event: 'view_deleted', mine: false }])
})

test('the response for a hidden view or Organization is that for one that does not exist, and nothing is written', async () => {
  const mine = (await app.ask(SAVE, DELETIONS)).data?.saveView.id as string
  const withoutEvents = await app.token(['IAMUserManager'])
  const other = await app.token([], [OTHER_ORGANIZATION])
  const missing = `view:${ORGANIZATION}:${uuid(404)}`
  records = []
  for (const token of [withoutEvents, other, await app.token(['IAMReadOnly'])]) {
    for (const [text, variables] of [
      [DELETE, {}],
      [CHANGE, { name: 'Mine' }],
      ['query ($id: ID!) { node(id: $id) { id } }', {}],
    ] as const) {
      const hidden = await app.ask(text, { ...variables, id: mine }, token)
      expect(hidden.body).toBe((await app.ask(text, { ...variables, id: missing }, token)).body)
      expect(Object.values(hidden.data)).toEqual([null])
    }
  }
  for (const token of [withoutEvents, other]) {
    const hidden = await app.ask(SAVE, DELETIONS, token)
    const absent = await app.ask(SAVE, { ...DELETIONS, organization: uuid(404) }, token)
    expect([hidden.body, hidden.data]).toEqual([absent.body, { saveView: null }])
    const list = await app.ask(LIST, { organization: ORGANIZATION }, token)
    expect(list.data).toEqual({ organization: null })
  }
  expect(records).toEqual([])
  expect(await listed()).toHaveLength(1)
})

describe('saving a view is refused', () => {
  test.each<[what: string, changes: object, code: string, message: string]>([
    ['a name of white space', { name: ' \t ' }, 'BAD_USER_INPUT', 'not a valid name'],
    ['a name with a null character', { name: 'a\0b' }, 'BAD_USER_INPUT', 'not a valid name'],
    ['a name with a control character', { name: 'a\x1bb' }, 'BAD_USER_INPUT', 'not a valid name'],
    ['a name that is too long', { name: 'é'.repeat(101) }, 'LIMIT_EXCEEDED', '101 characters'],
    [
      'a query that begins with a question mark',
      { query: '?last=7d' },
      'BAD_USER_INPUT',
      'question mark',
    ],
    [
      'a query with a fragment',
      { query: 'a=b#token=x' },
      'BAD_USER_INPUT',
      'is not a query string',
    ],
    [
      'a query that is not ASCII',
      { query: 'userAgents=é' },
      'BAD_USER_INPUT',
      'is not a query string',
    ],
    ['a query that is too long', { query: 'a'.repeat(4001) }, 'LIMIT_EXCEEDED', '4001 characters'],
  ])('with %s', async (_, changes, code, message) => {
    const answer = await app.ask(SAVE, { ...DELETIONS, ...changes })
    expect(codes(answer)).toEqual([code])
    expect(answer.errors?.[0]?.message).toContain(message)
    expect(await listed()).toEqual([])
  })

  test('with the name of another view of the same viewer, ignoring case and accents', async () => {
    await app.ask(SAVE, DELETIONS)
    const answer = await app.ask(SAVE, { ...DELETIONS, name: 'DÉLETIONS' })
    expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
    expect(await listed()).toHaveLength(1)
  })

  test('by a GET request', async () => {
    const text = `mutation { saveView(organizationId: "${ORGANIZATION}", name: "A", pageQuery: "") { id } }`
    const token = await app.token()
    const response = await app.fetch(`/graphql?query=${encodeURIComponent(text)}`, {
      headers: { 'x-auth-token': token },
    })
    expect(response.status).toBe(405)
    expect(await listed()).toEqual([])
  })
})

test('where only persisted documents may run, a persisted mutation runs and another is refused', async () => {
  await app.store.close()
  app = await openApp({ persisted: new Map([['save', SAVE]]) })
  await app.store.append([event()])
  expect((await app.ask(DELETE, { id: 'view' })).status).toBe(403)
  expect((await app.ask(SAVE, DELETIONS)).data?.saveView.name).toBe('Deletions')
})

test('a mutation before an error in the same request is executed once, also when the document was sent before', async () => {
  const text = `mutation ($name: String!) {
    first: saveView(organizationId: "${ORGANIZATION}", name: $name, pageQuery: "") { id }
    second: saveView(organizationId: "${ORGANIZATION}", name: $name, pageQuery: "") { id } }`
  for (const name of ['A', 'B', 'C', 'D']) {
    const { data, errors } = await app.ask(text, { name })
    expect([data?.second, errors?.length]).toEqual([null, 1])
    expect(data?.first).not.toBeNull()
  }
  expect((await listed()).map(({ name }: { name: string }) => name)).toEqual(['A', 'B', 'C', 'D'])
  expect(records).toHaveLength(4)
})
