// Tests of seals that every database must pass: the same batches always have the same heads.

import { expect, test } from 'vitest'
import type { Event } from '../../src/event.ts'
import type { AuditStore, Clock, Head } from '../../src/store.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './events.ts'

/** The same event for the same number; of several months, with values that need care when they are serialized. */
export function sealedEvent(number: number, fields: Partial<Event> = {}): Event {
  return {
    id: uuid(number, 'e5000000'),
    organizationId: number % 5 === 4 ? OTHER_ORGANIZATION : ORGANIZATION,
    createdAt: at('2025-11-20T00:00:00.000001Z') + ((number * 37) % 150) * 86_400_000_001,
    action: ['created', 'updated', 'deleted'][number % 3] ?? '',
    category: number % 7 === 0 ? 'été' : 'application',
    resourceId: number % 4 === 0 ? `SCW${number}` : uuid(number % 11, 'a0000000'),
    principalId: number % 6 === 0 ? '' : uuid(number % 3),
    ipAddress: ['192.0.2.7', '2001:db8::1', 'gate', null][number % 4] ?? null,
    userAgent:
      number % 8 === 0 ? null : `terraform/${number % 3} 🦊${number % 9 === 0 ? '\ud800' : ''}`,
    ...fields,
  }
}

/** The events of a batch: new ones in no order of dates, and a known one. */
export function sealedBatch(number: number): Event[] {
  const events = Array.from({ length: 12 }, (_, place) => sealedEvent(number * 11 + place))
  return [...events, sealedEvent(number * 11, { userAgent: 'again' })]
}

const CLOCK: Clock = () => at('2026-11-01T10:00:00.123456Z')

const HEADS = [
  {
    organizationId: ORGANIZATION,
    events: 54,
    hash: '5c52e990b60f9d3ec023b5762ff96fc37aa703c80bd428b6494bcea694558d58',
  },
  {
    organizationId: OTHER_ORGANIZATION,
    events: 13,
    hash: '76d22659c03ed67b5791c31c98c17dd8ed60b6bd6bec4af9acde08e0709ebc27',
  },
]

export async function headsOf(store: AuditStore): Promise<Head[]> {
  const chains = await store.chains([])
  expect(chains.flatMap(({ faults }) => faults)).toEqual([])
  return chains.flatMap(({ head }) => (head === null ? [] : [head]))
}

export function testSeals(
  name: string,
  open: (options: { readonly clock: Clock }) => Promise<AuditStore>,
): void {
  test(`${name}: the same batches always have the same heads, all earlier heads are in the chain, and wrong ones are reported`, async () => {
    const store = await open({ clock: CLOCK })
    const kept: Head[] = []
    for (let batch = 0; batch < 6; batch++) {
      expect((await store.append(sealedBatch(batch))).added).toBe(batch === 0 ? 12 : 11)
      kept.push(...(await headsOf(store)))
    }
    await store.append(sealedBatch(3))
    expect(await headsOf(store)).toEqual(HEADS)
    const chains = await store.chains(kept)
    expect(chains.map(({ faults, dropped }) => [faults, dropped])).toEqual([
      [[], 0],
      [[], 0],
    ])
    const [head] = HEADS
    const wrong = { organizationId: ORGANIZATION, events: 20, hash: '0'.repeat(64) }
    expect((await store.chains([{ ...wrong, ...head, events: 900 }, wrong]))[0]?.faults).toEqual([
      expect.stringContaining('a kept head has 900 events, but there are 54'),
      expect.stringContaining('a kept head has 20 events and another hash than the log here'),
    ])
    await store.close()
  })
}
