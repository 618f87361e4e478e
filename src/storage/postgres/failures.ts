// What goes wrong with a PostgreSQL server: which errors mean that a connection broke, and what is told of them.

import pg from 'pg'

/** A connection that could not be made, or broke. */
export class DatabaseUnavailable extends Error {
  readonly code: string

  constructor(cause: unknown) {
    const said =
      cause instanceof pg.DatabaseError ? 'PostgreSQL says' : 'the database does not answer'
    super(`${said}: ${wordsOf(cause)}`)
    this.name = 'DatabaseUnavailable'
    this.code = codeOf(cause) || 'DATABASE_UNAVAILABLE'
  }
}

/** Anything but a complaint of PostgreSQL's about a statement. */
export function isBroken(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true
  if (!(error instanceof pg.DatabaseError)) return isSystems(error)
  return !isAway(error) && (/^57P0/.test(error.code ?? '') || error.severity === 'FATAL')
}

/** A worker behind the coordinator that was asked does not answer, or is shut down; the connection itself is good. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError) || error.severity !== 'ERROR') return false
  const code = error.code ?? ''
  return /^(08|57P0)/.test(code) || (code === 'XX000' && CUT_OFF.test(error.message))
}

/** What a coordinator says of a worker that dies under a statement, which it gives no code of its own. */
const CUT_OFF = /\bconnection\b|could not (send|receive) data/

export function unavailable(error: unknown): DatabaseUnavailable {
  return error instanceof DatabaseUnavailable ? error : new DatabaseUnavailable(error)
}

/** What node-postgres and Node itself throw for connections; an error of ours is none. */
function isSystems(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (
    'syscall' in error ||
    /^(Connection terminated|Query read timeout|Client (was closed|has encountered)|timeout)/.test(
      error.message,
    )
  )
}

/** The SQLSTATE of what PostgreSQL complained of, or the system's code of a connection; '' for other errors. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** One line; where a name has several addresses, the first complaint. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0])
  const words = error instanceof Error ? error.message : String(error)
  if (/^SASL: .*client password must be/.test(words))
    return 'it asks for a password, and none is given'
  return words.trim().replace(/\s*\n\s*/g, ' ')
}
