// The filters that benchmarks measure: one for each condition, with the values of an existing event.

import ipaddr from 'ipaddr.js'
import { actionOf, categoryOf, type EventFilter, type RecordedEvent } from '../src/event.ts'

/** By name. If the event has no value for a condition, the filter matches nothing. */
export const CONDITIONS: Readonly<Record<string, (event: RecordedEvent) => EventFilter>> = {
  action: event => ({ actions: [actionOf(event.action)] }),
  category: event => ({ categories: [categoryOf(event.category)] }),
  principal: event => ({ principalIds: [event.principalId] }),
  resource: event => ({ resourceIds: [event.resourceId] }),
  address: event => block(event, 32, 128),
  network: event => block(event, 24, 64),
  'user agent': event => ({ userAgent: event.userAgent ?? 'nothing' }),
  'part of user agent': event => ({ userAgent: (event.userAgent ?? 'nothing').slice(0, 9) }),
  'from date': event => ({ createdAfter: event.createdAt }),
  'to date': event => ({ createdBefore: event.createdAt }),
}

/** Swaps the dates if they are in the wrong order, as they may be if they are from two events. */
export function ordered(filter: EventFilter): EventFilter {
  const { createdAfter = 0, createdBefore } = filter
  return createdBefore !== undefined && createdAfter > createdBefore
    ? { ...filter, createdAfter: createdBefore, createdBefore: createdAfter }
    : filter
}

function block(event: RecordedEvent, bits: number, bits6: number): EventFilter {
  if (event.ipAddress === null)
    return { addresses: [{ first: new Uint8Array(4), last: new Uint8Array(4) }] }
  const family = event.ipAddress.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4
  const cidr = `${event.ipAddress}/${family === ipaddr.IPv6 ? bits6 : bits}`
  return {
    addresses: [
      {
        first: Uint8Array.from(family.networkAddressFromCIDR(cidr).toByteArray()),
        last: Uint8Array.from(family.broadcastAddressFromCIDR(cidr).toByteArray()),
      },
    ],
  }
}
