// What is still to happen in a sample Organization: stories, each a generator that waits by yielding
// microseconds. Steps of all stories run strictly by time, so a story sees the world as it then is.

import type { Instant } from '../../instant.ts'

/** Runs from wait to wait; what it yields is how long until it goes on, in whole microseconds. */
export type Story = Generator<number, void>

export interface Agenda {
  /** The instant of the step that is running. */
  readonly now: Instant
  /** Begins a story after a wait; stories due at the same instant go on in the order they were put down. */
  begin(story: Story, wait: number): void
  /** Runs every step before `end`. */
  runUntil(end: Instant): void
}

interface Due {
  at: Instant
  turn: number
  readonly story: Story
}

export function agenda(start: Instant): Agenda {
  const heap: Due[] = []
  let now = start
  let turn = 0

  function begin(story: Story, wait: number): void {
    turn += 1
    heap.push({ at: now + Math.max(0, wait), turn, story })
    rise(heap, heap.length - 1)
  }

  function runUntil(end: Instant): void {
    for (let due = heap[0]; due !== undefined && due.at < end; due = heap[0]) {
      now = due.at
      // A story may begin others meanwhile; none of them is due before it, so it stays on top.
      const step = due.story.next()
      if (step.done) {
        const last = heap.pop() as Due
        if (heap.length > 0) heap[0] = last
      } else {
        turn += 1
        due.turn = turn
        due.at = now + Math.max(0, step.value)
      }
      sink(heap)
    }
    now = Math.max(now, end)
  }

  return {
    get now() {
      return now
    },
    begin,
    runUntil,
  }
}

function before(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.turn < b.turn)
}

function rise(heap: Due[], from: number): void {
  const moving = heap[from] as Due
  let place = from
  while (place > 0) {
    const above = (place - 1) >> 1
    const parent = heap[above] as Due
    if (!before(moving, parent)) break
    heap[place] = parent
    place = above
  }
  heap[place] = moving
}

function sink(heap: Due[]): void {
  const moving = heap[0]
  if (moving === undefined) return
  let place = 0
  for (;;) {
    let below = 2 * place + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && before(heap[below + 1] as Due, heap[below] as Due)) below += 1
    const child = heap[below] as Due
    if (!before(child, moving)) break
    heap[place] = child
    place = below
  }
  heap[place] = moving
}
