// Look-ups that wait for each other: what many fields ask for one by one is read at once. A `Later` is a
// promise to whoever awaits it, and then reads after a turn; but execution (execute.ts) knows it, has it read
// as soon as nothing else can be done, and, where the database answers at once, goes on without a turn. That turn is
// why this is not the package dataloader: it answers by promises alone, which cost more than the page they wait for.

import type { Awaitable } from '../store.ts'

/** More keys than this become a second statement. */
const LARGEST_BATCH = 1000

/** One key's place in a batch. */
interface Slot {
  readonly read: () => Awaitable<void>
  state: 'wanted' | 'found' | 'failed'
  outcome: unknown
  /** While it is being read. */
  wait: Promise<void> | undefined
}

/** What a look-up will have found, or what was made of it. */
export class Later<Value> implements Promise<Value> {
  /** `declare`, as there are many: fields are made twice otherwise. */
  declare private readonly slot: Slot
  declare private readonly use: ((found: never) => Value) | undefined

  constructor(slot: Slot, use?: (found: never) => Value) {
    this.slot = slot
    this.use = use
  }

  get [Symbol.toStringTag](): string {
    return 'Later'
  }

  /** Whether `take` can be called. */
  get ready(): boolean {
    return this.slot.state !== 'wanted'
  }

  /** Reads everything that waits with it; `ready` when it returns, or else when its promise resolves. Never fails. */
  read(): Awaitable<void> {
    return this.slot.wait ?? this.slot.read()
  }

  /** The value, or throws why there is none. */
  take(): Value {
    const { state, outcome } = this.slot
    if (state === 'failed') throw outcome
    return this.use === undefined ? (outcome as Value) : this.use(outcome as never)
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise to everyone but execution
  then<A = Value, B = never>(
    done?: ((value: Value) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return afterThis(() => (this.ready ? undefined : this.read()))
      .then(() => this.take())
      .then(done, failed)
  }

  catch<B>(failed: (reason: unknown) => B | PromiseLike<B>): Promise<Value | B> {
    return this.then(null, failed)
  }

  finally(work: () => void): Promise<Value> {
    return this.then().finally(work)
  }
}

/** One kind of look-up. Remembers what it found: made anew for each request. */
export class Loader<Key, Value> {
  readonly #readAll: (keys: readonly Key[]) => Awaitable<readonly Value[]>
  readonly #split: (key: Key) => readonly [group: string, id: string]
  /** By group and ID: a name made of both would have to be made for every field that asks. */
  readonly #known = new Map<string, Map<string, Slot>>()
  #keys: Key[] = []
  #slots: Slot[] = []
  readonly #read = () => this.#readWanted()

  /** `readAll` answers in the order of the keys, no two of which are the same by `split`. */
  constructor(
    readAll: (keys: readonly Key[]) => Awaitable<readonly Value[]>,
    split: (key: Key) => readonly [group: string, id: string],
  ) {
    this.#readAll = readAll
    this.#split = split
  }

  load(key: Key): Promise<Value>
  load<Used>(key: Key, use: (found: Value) => Used): Promise<Used>
  load(key: Key, use?: (found: Value) => unknown): Promise<unknown> {
    const [group, id] = this.#split(key)
    let known = this.#known.get(group)
    if (known === undefined) {
      known = new Map()
      this.#known.set(group, known)
    }
    let slot = known.get(id)
    if (slot === undefined) {
      slot = { read: this.#read, state: 'wanted', outcome: undefined, wait: undefined }
      known.set(id, slot)
      this.#keys.push(key)
      this.#slots.push(slot)
    }
    return new Later(slot, use)
  }

  /** What is looked up from now on is read anew. */
  forget(): void {
    this.#known.clear()
  }

  #readWanted(): Awaitable<void> {
    const [keys, slots] = [this.#keys, this.#slots]
    this.#keys = []
    this.#slots = []
    const waits: Promise<void>[] = []
    for (let from = 0; from < keys.length; from += LARGEST_BATCH) {
      const wait = this.#readBatch(
        keys.slice(from, from + LARGEST_BATCH),
        slots.slice(from, from + LARGEST_BATCH),
      )
      if (wait !== undefined) waits.push(wait)
    }
    if (waits.length > 0) return Promise.all(waits).then(() => {})
  }

  #readBatch(keys: readonly Key[], slots: readonly Slot[]): Promise<void> | undefined {
    const found = (values: readonly Value[]) => {
      for (const [at, slot] of slots.entries()) settle(slot, 'found', values[at])
    }
    const failed = (error: unknown) => {
      for (const slot of slots) settle(slot, 'failed', error)
    }
    try {
      const values = this.#readAll(keys)
      if (values instanceof Promise) {
        const wait = values.then(found).catch(failed)
        for (const slot of slots) slot.wait = wait
        return wait
      }
      found(values)
    } catch (error) {
      failed(error)
    }
    return undefined
  }
}

function settle(slot: Slot, state: Slot['state'], outcome: unknown): void {
  slot.state = state
  slot.outcome = outcome
}

/** After everything that is ready to run has run, and what that made ready. */
export function afterThis<T>(work: () => Awaitable<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    Promise.resolve().then(() => {
      process.nextTick(() => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  })
}

/** At once where the value is at hand: a promise costs more than most of what is done with it. */
export function whenThere<T, U>(value: Awaitable<T>, use: (value: T) => U): Awaitable<U> {
  return value instanceof Promise || value instanceof Later ? value.then(use) : use(value)
}
