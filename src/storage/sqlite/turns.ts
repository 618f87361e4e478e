// Long reads of a database that answers at once: done in turns, so that nobody else waits for their end.

/** So long, in milliseconds, others wait for one turn, and for the item that is under way. */
const TURN = 15

/** Works on each item in order, until one is answered with `false`. Between turns the database may change. */
export async function inTurns<T>(items: Iterable<T>, work: (item: T) => unknown): Promise<void> {
  let began = performance.now()
  for (const item of items) {
    if (performance.now() - began > TURN) {
      await new Promise(setImmediate)
      began = performance.now()
    }
    if (work(item) === false) return
  }
}

/** The list in parts of this size. */
export function* partsOf<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size)
}
