// Where an event stands in a list by date. Dates of the graph are all written alike, so their text has their order.

import type { EventOrder, EventRowFragment } from '../api/documents.ts'

/** All that decides it. */
export type Place = Pick<EventRowFragment, 'eventId' | 'createdAt'>

/** Less than 0 where `a` comes before `b`, 0 for one and the same event. */
export function compare(a: Place, b: Place, order: EventOrder): number {
  const later = textOrder(a.createdAt, b.createdAt) || textOrder(a.eventId, b.eventId)
  return order === 'CREATED_AT_ASC' ? later : -later
}

/** The first index in a sorted list whose item does not come before; its length where there is none. */
export function firstFrom<Item>(items: readonly Item[], comesBefore: (item: Item) => boolean) {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comesBefore(items[middle] as Item)) low = middle + 1
    else high = middle
  }
  return low
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
