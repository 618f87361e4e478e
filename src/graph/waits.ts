// What an answer waits for while it is made (execute.ts): promises, and look-ups, which are read together whenever
// nothing else can be done. Where the database answers at once, nothing here takes a turn.

import type { Awaitable } from '../store.ts'
import { afterThis, Later } from './later.ts'

/** What came of waiting: `take` gives the value, or throws why there is none. */
export type Outcome = Pick<Later<unknown>, 'take'>

/** `settle` is told what came for each place that waits; it may make others wait, and must not throw. */
export class Waits<Place> {
  readonly #settle: (place: Place, outcome: Outcome) => void
  /** Those of look-ups, and beside them the look-ups. */
  #places: Place[] = []
  #laters: Later<unknown>[] = []
  #promises = 0
  #scheduled = false
  #done: (() => void) | undefined

  constructor(settle: (place: Place, outcome: Outcome) => void) {
    this.#settle = settle
  }

  add(place: Place, value: PromiseLike<unknown>): void {
    if (value instanceof Later) {
      this.#places.push(place)
      this.#laters.push(value)
      return
    }
    this.#after(
      value,
      found => this.#settle(place, { take: () => found }),
      error =>
        this.#settle(place, {
          take() {
            throw error
          },
        }),
    )
  }

  /** Reads what waits, and what that makes wait, until nothing does. To be called once. */
  settleAll(): Awaitable<void> {
    this.#read()
    if (this.#promises === 0) return
    return new Promise(resolve => {
      this.#done = resolve
    })
  }

  #read(): void {
    while (this.#laters.length > 0) {
      const [places, laters] = [this.#places, this.#laters]
      this.#places = []
      this.#laters = []
      for (let at = 0; at < laters.length; at++) {
        const place = places[at] as Place
        const later = laters[at] as Later<unknown>
        const reading = later.ready ? undefined : later.read()
        if (reading === undefined) {
          this.#settle(place, later)
          continue
        }
        const settle = () => this.#settle(place, later)
        this.#after(reading, settle, settle)
      }
    }
  }

  #after(
    value: PromiseLike<unknown>,
    found: (value: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#promises++
    value.then(
      value => {
        found(value)
        this.#settled()
      },
      error => {
        failed(error)
        this.#settled()
      },
    )
  }

  #settled(): void {
    this.#promises--
    if (this.#promises > 0) {
      if (this.#laters.length === 0 || this.#scheduled) return
      // What settles in the same turn is read in the same batch.
      this.#scheduled = true
      this.#promises++
      afterThis(() => {
        this.#scheduled = false
        this.#read()
        this.#settled()
      })
      return
    }
    this.#read()
    if (this.#promises === 0) this.#done?.()
  }
}
