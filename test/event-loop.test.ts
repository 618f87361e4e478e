// Tasks that yield to the event loop: many of them together delay other requests no longer than one of them would.

import { expect, test } from 'vitest'
import { yieldToEventLoop } from '../src/event-loop.ts'
import { openApp } from './support/app.ts'
import { event } from './support/events.ts'
import { subscribe } from './support/streams.ts'

test('of all waiting tasks, at most one continues in each turn of the event loop, in order', async () => {
  const resumed: number[] = []
  for (let task = 0; task < 10; task++) yieldToEventLoop('streams').then(() => resumed.push(task))
  for (let turn = 1; turn <= 10; turn++) {
    await new Promise(setImmediate)
    expect(resumed.length).toBeLessThanOrEqual(turn)
  }
  await expect.poll(() => resumed).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('a task for a response does not wait behind the tasks of streams', async () => {
  let resumed = 0
  for (let task = 0; task < 10; task++) yieldToEventLoop('streams').then(() => resumed++)
  await yieldToEventLoop('answers')
  expect(resumed).toBeLessThanOrEqual(1)
  await expect.poll(() => resumed).toBe(10)
})

test('a caller with many waiting tasks takes turns with callers that have one', async () => {
  const resumed: string[] = []
  const wait = (who: string) => yieldToEventLoop('answers', who).then(() => resumed.push(who))
  await Promise.all(['many', 'many', 'many', 'one', 'many', 'another'].map(wait))
  expect(resumed).toEqual(['many', 'one', 'another', 'many', 'many', 'many'])
})

test('three requests of another token are answered before eight unknown documents are all parsed', async () => {
  const app = await openApp({ rate: { perSecond: 0, burst: 0 } })
  const known = '{ viewer { name } }'
  await app.ask(known)
  const order: string[] = []
  const fields = 'memberships { owner organization { id } } '.repeat(200)
  const flood = Array.from({ length: 8 }, async (_, number) => {
    expect((await app.ask(`{ viewer { ${fields} nope${number} } }`)).status).toBe(422)
    order.push('flood')
  })
  // One request after the other.
  const other = await app.token()
  for (let time = 0; time < 3; time++) await app.ask(known, {}, other)
  order.push('other')
  await Promise.all(flood)
  expect(order.indexOf('other')).toBeLessThan(8)
  await app.store.close()
})

const QUERY = `subscription ($organizationId: ID!, $after: String) {
  eventRecorded(organizationId: $organizationId, after: $after) {
    id userAgent principal { name } principalNameThen resource { name } resourceNameThen
  }
}`

/** The largest number of SQL statements in one turn of the event loop while so many streams send past events. */
async function mostStatementsPerTurn(count: number): Promise<number> {
  let statements = 0
  const app = await openApp({
    // Each stream yields before each read, and nothing depends on time.
    reading: { turn: 0 },
    streams: { recheck: 3_600_000 },
    onStatement: () => void statements++,
  })
  const events = Array.from({ length: 2_000 }, () => event())
  await app.store.append(events)
  const token = await app.token()
  const after = events[0]?.id
  const streams = await Promise.all(
    Array.from({ length: count }, () =>
      subscribe(app.fetch, { token, query: QUERY, variables: { after } }),
    ),
  )
  let received = 0
  const listening = streams.map(async stream => {
    for (let next = await stream.next(); next?.event === 'next'; next = await stream.next())
      received++
  })
  let most = 0
  while (received < 1_900) {
    statements = 0
    await new Promise(setImmediate)
    most = Math.max(most, statements)
  }
  app.app.close()
  await Promise.all(listening)
  await app.store.close()
  return most
}

test('20 streams that send past events execute fewer than twice as many SQL statements per turn as one', async () => {
  expect(await mostStatementsPerTurn(20)).toBeLessThan(2 * (await mostStatementsPerTurn(1)))
})
