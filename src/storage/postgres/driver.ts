// The interface of a driver: server.ts implements it for a server; the one for PGlite is in tests. And the errors of a
// server: which of them mean that a connection broke, and their messages.

import pg from 'pg'
import { codeOf } from '../../errors.ts'

/**
 * Runs a statement. Returns all its rows, like `Reads.rows`; for a statement without rows, a row with the number of
 * changed rows.
 */
export type Ask = (text: string, values: readonly unknown[]) => Promise<unknown[][]>

/** Arrays are bound as PostgreSQL arrays. */
export interface Driver {
  /** Runs a read outside of a transaction. */
  readonly ask: Ask
  /** For the statements of one read that may come from a replica; see `Database.recent`. */
  recent(): Ask
  /** READ COMMITTED; rolls back when `work` throws. `patient`: without time limits. */
  transaction<T>(work: (ask: Ask) => Promise<T>, options: { readonly patient: boolean }): Promise<T>
  /** REPEATABLE READ, without time limits. The locks of a statement are released after it. */
  snapshot<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  /**
   * Outside of a transaction, with a short lock timeout, because all later statements queue behind one that waits for a
   * lock.
   */
  readonly impatient: Ask
  readonly listen: Listen
  close(): Promise<void>
}

interface Listening {
  /** False until notifications are known to arrive. */
  hears(): boolean
  end(): Promise<void>
}

/** Calls back after each NOTIFY on the channel, and whenever some may have been missed. */
export type Listen = (channel: string, heard: () => void) => Listening

/** A connection could not be opened, or broke. */
export class DatabaseUnavailable extends Error {
  readonly code: string

  constructor(cause: unknown) {
    const said =
      cause instanceof pg.DatabaseError ? 'PostgreSQL says' : 'the database does not respond'
    super(`${said}: ${wordsOf(cause)}`)
    this.name = 'DatabaseUnavailable'
    this.code = codeOf(cause) || 'DATABASE_UNAVAILABLE'
  }
}

/** Whether the connection is unusable; false for an error of a statement, and for an error of ours. */
export function isBroken(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true
  if (!(error instanceof pg.DatabaseError)) return isSystems(error)
  return !isAway(error) && (/^57P0/.test(error.code ?? '') || error.severity === 'FATAL')
}

/** Whether a worker of the coordinator does not respond or was shut down; the connection to the coordinator works. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError) || error.severity !== 'ERROR') return false
  const code = error.code ?? ''
  return /^(08|57P0)/.test(code) || (code === 'XX000' && CUT_OFF.test(error.message))
}

/** The messages of a coordinator whose worker dies during a statement or COMMIT; they have no specific SQLSTATE. */
const CUT_OFF =
  /\bconnection\b|could not (send|receive) data|could not commit transaction for shard|failed to prepare transaction|SSL (SYSCALL )?error/

/** Whether node-postgres or Node threw the error because of a connection. */
function isSystems(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (
    'syscall' in error ||
    /^(Connection terminated|Query read timeout|Client (was closed|has encountered)|timeout)/.test(
      error.message,
    )
  )
}

/** The message as one line; if a host name has several addresses, the error of the first. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0])
  const words = error instanceof Error ? error.message : String(error)
  if (/^SASL: .*client password must be/.test(words))
    return 'the server requires a password, but none is given'
  return words.trim().replace(/\s*\n\s*/g, ' ')
}
