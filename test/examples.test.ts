// The example queries of GraphiQL, sent as they are to a server with a sample history.

import { expect, test } from 'vitest'
import { writeSample } from '../src/cli/sample-command.ts'
import { EXAMPLE_QUERIES } from '../src/web/graphiql/examples.ts'
import { openApp } from './support/app.ts'
import { at, event } from './support/events.ts'
import { subscribe } from './support/streams.ts'

const app = await openApp()
await writeSample(app.store, {
  seed: 1,
  events: 5000,
  organizations: 2,
  until: at('2026-11-01T00:00:00Z'),
})
const token = await app.token([], await app.store.organizationIds())

const SUBSCRIPTION = 'WatchEventsArrive'

for (const { name, query, variables } of EXAMPLE_QUERIES.filter(
  ({ name }) => name !== SUBSCRIPTION,
)) {
  test(`the query ${name} returns events of every Organization`, async () => {
    const { data, errors } = await app.ask(query, JSON.parse(variables), token)
    expect(errors).toBeUndefined()
    expect(data.organizations).toHaveLength(2)
    for (const organization of data.organizations) {
      expect(JSON.stringify(organization)).toMatch(/"createdAt":"20\d\d-/)
    }
  })
}

test('the query WhoWasRemoved returns removed principals with the number of their own events', async () => {
  const example = EXAMPLE_QUERIES.find(({ name }) => name === 'WhoWasRemoved')
  const { data } = await app.ask(example?.query ?? '', { removals: 50 }, token)
  const removed = data.organizations.flatMap(
    (organization: { events: { nodes: unknown[] } }) => organization.events.nodes,
  )
  const active = removed.filter(
    (node: { resource: { principal: { events: { totalCount: number } } } }) =>
      node.resource.principal.events.totalCount > 0,
  )
  expect(active.length).toBeGreaterThan(0)
})

test('the subscription WatchEventsArrive fails until an Organization is given, and then receives the next event', async () => {
  const example = EXAMPLE_QUERIES.find(({ name }) => name === SUBSCRIPTION)
  const given = JSON.parse(example?.variables ?? '')
  const refused = await app.ask(example?.query ?? '', given, token)
  expect(refused.errors?.[0].message).toMatch(/^Organization "" was not found /)
  const [organizationId = ''] = await app.store.organizationIds()
  const variables = { ...given, organizationId }
  const listener = await subscribe(app.fetch, { token, query: example?.query ?? '', variables })
  const next = event({ organizationId })
  await app.store.append([next])
  expect((await listener.next())?.data.data.eventRecorded).toMatchObject({
    eventId: next.id,
    action: 'CREATED',
  })
  await listener.leave()
})
