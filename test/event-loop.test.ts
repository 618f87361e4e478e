// Many who each stand back for others: together they hold up nobody for longer than one of them would.

import { expect, test } from 'vitest'
import { yieldToEventLoop } from '../src/event-loop.ts'
import { openApp } from './support/app.ts'
import { event } from './support/events.ts'
import { subscribe } from './support/streams.ts'

test('of all who wait, one goes on each turn, in their order', async () => {
  const wentOn: number[] = []
  for (let who = 0; who < 10; who++) yieldToEventLoop('streams').then(() => wentOn.push(who))
  for (let turn = 1; turn <= 10; turn++) {
    await new Promise(setImmediate)
    expect(wentOn.length).toBeLessThanOrEqual(turn)
  }
  await expect.poll(() => wentOn).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('who waits for an answer does not wait behind streams', async () => {
  let wentOn = 0
  for (let who = 0; who < 10; who++) yieldToEventLoop('streams').then(() => wentOn++)
  await yieldToEventLoop('answers')
  expect(wentOn).toBeLessThanOrEqual(1)
  await expect.poll(() => wentOn).toBe(10)
})

test('who waits for many things waits no longer for the first than another does for its one', async () => {
  const wentOn: string[] = []
  const waits = (who: string) => yieldToEventLoop('answers', who).then(() => wentOn.push(who))
  await Promise.all(['many', 'many', 'many', 'one', 'many', 'another'].map(waits))
  expect(wentOn).toEqual(['many', 'one', 'another', 'many', 'many', 'many'])
})

test('texts that nobody sent before are read one a turn, so that others are answered in between', async () => {
  const app = await openApp({ rate: { perSecond: 0, burst: 0 } })
  const known = '{ viewer { name } }'
  await app.ask(known)
  const order: string[] = []
  const fields = 'memberships { owner organization { id } } '.repeat(200)
  const flood = Array.from({ length: 8 }, async (_, number) => {
    expect((await app.ask(`{ viewer { ${fields} nope${number} } }`)).status).toBe(422)
    order.push('flood')
  })
  // Each a question of its own, one after the other.
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

/** The most statements between two turns of others, while so many streams are told the past. */
async function mostATurn(count: number): Promise<number> {
  let statements = 0
  const app = await openApp({
    // Each stands back before each read, and nothing is done by the clock.
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
  let told = 0
  const listening = streams.map(async stream => {
    for (let next = await stream.next(); next?.event === 'next'; next = await stream.next()) told++
  })
  let most = 0
  while (told < 1_900) {
    statements = 0
    await new Promise(setImmediate)
    most = Math.max(most, statements)
  }
  app.app.close()
  await Promise.all(listening)
  await app.store.close()
  return most
}

test('20 streams that are told the past let others be answered as often as one does', async () => {
  expect(await mostATurn(20)).toBeLessThan(2 * (await mostATurn(1)))
})
