// The last lists that were left, as they were: who comes back to one by Back finds its rows and the place it was read
// at.

import type { Pages } from './pages.ts'
import type { Active } from './roving.ts'

export interface Left<List extends Pages> {
  readonly pages: List
  /** As the window of rows tells it. */
  readonly place: number
  /** What had the focus; `null` where that was elsewhere. */
  readonly active: Active | null
}

/** As each holds the events of some thousand rows. */
const MOST = 2

export interface KeptLists<List extends Pages> {
  /** The list of this key, which is kept no more; `null` where there is none. */
  take(key: string): Left<List> | null
  /** Closes the one that was left first, where there are too many. */
  keep(key: string, left: Left<List>): void
}

export function createKeptLists<List extends Pages>(): KeptLists<List> {
  const lists = new Map<string, Left<List>>()

  function drop(key: string): void {
    lists.get(key)?.pages.close()
    lists.delete(key)
  }

  return {
    take(key) {
      const found = lists.get(key) ?? null
      lists.delete(key)
      return found
    },
    keep(key, left) {
      drop(key)
      lists.set(key, left)
      for (const first of lists.keys()) {
        if (lists.size <= MOST) break
        drop(first)
      }
    },
  }
}
