// Waiting for another process that writes to the same file. SQLite itself looks ever more seldom whether its turn has
// come, and an import beside it that writes one batch after the other never leaves a gap so wide.

import type Database from 'better-sqlite3'

/** So long SQLite itself waits, in milliseconds: shorter than a thread may sleep at once. */
export const SHORT_WAIT = 20

/** So long is waited for others in all, in milliseconds. None of ours writes for so long at once. */
const PATIENCE = 60_000

/** Between two looks, in milliseconds. */
const LOOK_EVERY = 1

/** Who held the file for longer than this, in milliseconds, lets others in before it goes on, for so long. */
const LONG = 30
const GAP = 3

/** `work` must do nothing when the file is in use. Throws `DatabaseBusy` when it is for too long. */
export function patiently<T>(client: Database.Database, work: () => T): T {
  let until = 0
  for (;;) {
    try {
      return work()
    } catch (error) {
      // Within a transaction the file is ours, and what fails there must fail as a whole.
      if (!isBusy(error) || client.inTransaction) throw error
      until ||= performance.now() + PATIENCE
      if (performance.now() > until) throw new DatabaseBusy(error)
      sleep(LOOK_EVERY)
    }
  }
}

/** Runs transactions that write, each when it is its turn. */
export function inTurns(client: Database.Database): <T>(work: () => T) => T {
  let heldUntil = 0
  let letIn = true
  const begin = client.prepare('BEGIN IMMEDIATE')
  const commit = client.prepare('COMMIT')
  const rollback = client.prepare('ROLLBACK')

  return work => {
    if (!letIn && performance.now() - heldUntil < GAP) sleep(GAP)
    patiently(client, () => begin.run())
    const from = performance.now()
    try {
      const done = work()
      commit.run()
      return done
    } finally {
      // A full disk ends a transaction by itself.
      if (client.inTransaction) rollback.run()
      heldUntil = performance.now()
      letIn = heldUntil - from < LONG
    }
  }
}

export class DatabaseBusy extends Error {
  readonly code = 'SQLITE_BUSY'

  constructor(cause: unknown) {
    super(
      `another program has been writing to the database for ${PATIENCE / 1000} s; try again when it has ended`,
      { cause },
    )
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

const never = new Int32Array(new SharedArrayBuffer(4))

function sleep(milliseconds: number): void {
  Atomics.wait(never, 0, 0, milliseconds)
}
