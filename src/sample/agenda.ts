// What is still to happen: stories, each a generator that waits by yielding microseconds. Steps of all stories run
// strictly by time, so a story sees the world as it then is.

import type { Instant } from '../instant.ts'

/** Runs from wait to wait; what it yields is how long until it goes on, in whole microseconds. */
export type Story = Generator<number, void>

interface Due {
  readonly at: Instant
  readonly story: Story
}

export class Agenda {
  /** The instant of the step that is running. */
  now: Instant
  /** The next is the last. */
  readonly #due: Due[] = []

  constructor(start: Instant) {
    this.now = start
  }

  /** Stories due at the same instant go on in the order they were put down. */
  begin(story: Story, wait = 0): void {
    const at = this.now + Math.max(0, wait)
    let [low, high] = [0, this.#due.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#due[middle] as Due).at > at) low = middle + 1
      else high = middle
    }
    this.#due.splice(low, 0, { at, story })
  }

  /** Runs every step before `end`. */
  runUntil(end: Instant): void {
    for (let due = this.#due.at(-1); due !== undefined && due.at < end; due = this.#due.at(-1)) {
      this.#due.pop()
      this.now = due.at
      const { done, value } = due.story.next()
      if (!done) this.begin(due.story, value)
    }
    this.now = Math.max(this.now, end)
  }
}
