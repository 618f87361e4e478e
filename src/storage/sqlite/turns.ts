// Long reads of a database that answers at once: done in turns, so that nobody else waits for their end.

import { othersFirst } from '../../others-first.ts'

/** So long, in milliseconds, others wait for one turn, and for the item that is under way. */
const TURN = 15

/** To await between pieces of work: others come first where a turn is over. Between turns the database may change. */
export function turnByTurn(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began <= TURN) return undefined
    return othersFirst('answers').then(() => {
      began = performance.now()
    })
  }
}

/** Works on each item in order, until one is answered with `false`; turn by turn. */
export async function inTurns<T>(items: Iterable<T>, work: (item: T) => unknown): Promise<void> {
  const turn = turnByTurn()
  for (const item of items) {
    await turn()
    if (work(item) === false) return
  }
}

/** The list in parts of this size. */
export function* partsOf<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size)
}
