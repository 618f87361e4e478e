// When events happened, as numbers small enough to keep beside the events: how many in each quarter of an hour.
// Every time zone's hours and days begin at a quarter (local mean times of old apart), so what is counted by
// quarters can be told by any calendar.

import type { Instant } from '../../instant.ts'

/** A quarter of an hour, by its number. */
export type Slot = number

const SLOT = 900_000_000
/** Makes every slot that an instant can have positive. */
const SHIFT = 2 ** 24
/** Thirty days: the slots that are kept together in a row. */
export const SPAN = 2880

export function slotOf(instant: Instant): Slot {
  return Math.floor(instant / SLOT) + SHIFT
}

export function startOf(slot: Slot): Instant {
  return (slot - SHIFT) * SLOT
}

export function spanOf(slot: Slot): number {
  return Math.floor(slot / SPAN)
}

/*
 * A list is text, so that SQLite can put many of them together: for each slot that has events, in order, how far
 * it lies from the one before (the first: from zero), then how many events. A number is written in digits of
 * five bits, the lowest first, from '0' on; each but the last has 32 added. Lists are parted by a space.
 */
const ZERO = 48
const MORE = 32

/** A list with more events in it: `slots`, ascending and each once, and how many in each. */
export function mergeSlots(
  list: string,
  slots: readonly Slot[],
  counts: readonly number[],
): string {
  let text = ''
  let before = 0
  let next = 0
  const write = (slot: Slot, events: number) => {
    text += digits(slot - before) + digits(events)
    before = slot
  }
  readSlots(list, (slot, events) => {
    for (; (slots[next] ?? slot) < slot; next++) write(slots[next] ?? 0, counts[next] ?? 0)
    write(slot, slots[next] === slot ? events + (counts[next++] ?? 0) : events)
  })
  for (; next < slots.length; next++) write(slots[next] ?? 0, counts[next] ?? 0)
  return text
}

/** Every slot of the lists with its events, list by list; a slot comes as often as it is listed. */
export function readSlots(lists: string, take: (slot: Slot, events: number) => void): void {
  let slot = 0
  let isGap = true
  let number = 0
  let shift = 0
  for (let place = 0; place < lists.length; place++) {
    const digit = lists.charCodeAt(place) - ZERO
    if (digit < 0) {
      slot = 0
    } else if (digit >= MORE) {
      number += (digit - MORE) << shift
      shift += 5
    } else {
      number += digit << shift
      if (isGap) slot += number
      else take(slot, number)
      isGap = !isGap
      number = 0
      shift = 0
    }
  }
}

function digits(number: number): string {
  let text = ''
  let rest = number
  for (; rest >= MORE; rest >>= 5) text += String.fromCharCode(ZERO + MORE + (rest & 31))
  return text + String.fromCharCode(ZERO + rest)
}

/** Dates as slots: the whole ones, `from` included and `until` excluded, and what is left over at the ends. */
export interface Stretch {
  readonly from: Slot
  readonly until: Slot
  readonly rests: readonly { readonly from: Instant; readonly until: Instant }[]
}

/** The end of the last span that has an instant; the first begins with slot 0. */
const END = (spanOf(slotOf(Number.MAX_SAFE_INTEGER)) + 1) * SPAN

/** From the first instant, included, to the second, excluded; each may be left out. */
export function stretchOf(dates: {
  readonly createdAfter?: Instant
  readonly createdBefore?: Instant
}): Stretch {
  const low = dates.createdAfter ?? startOf(0)
  const high = dates.createdBefore ?? startOf(END)
  const [start, until] = [slotOf(low), slotOf(high)]
  const from = startOf(start) === low ? start : start + 1
  if (from > until) return { from, until: from, rests: [{ from: low, until: high }] }
  const ends = [
    { from: low, until: startOf(from) },
    { from: startOf(until), until: high },
  ]
  return { from, until, rests: ends.filter(end => end.from < end.until) }
}

/** The slots that one of these instants cuts in two. */
export function cutBy(instants: readonly Instant[]): Set<Slot> {
  return new Set(instants.map(slotOf).filter((slot, at) => startOf(slot) !== instants[at]))
}

/** The last edge that is not after the instant, at `from` or behind it. */
export function placeOf(edges: readonly Instant[], instant: Instant, from: number): number {
  let [low, step] = [from, 1]
  while ((edges[low + step] ?? Number.POSITIVE_INFINITY) <= instant) {
    low += step
    step *= 2
  }
  for (; step >= 1; step /= 2) {
    if ((edges[low + step] ?? Number.POSITIVE_INFINITY) <= instant) low += step
  }
  return low
}
