// The same connection to PostgreSQL, whose statements are seen by a hook; not what only frames them, as BEGIN and
// COMMIT.

import { type StatementHook, watched } from '../statement.ts'
import type { PostgresDatabase, Readable, Reads, Session, Snapshot } from './database.ts'
import type { Sql } from './sql.ts'

export function watchedDatabase(db: PostgresDatabase, hook: StatementHook): PostgresDatabase {
  return {
    ...db,
    ...readableFrom(db, hook),
    run: sql => see(hook, sql, () => db.run(sql)),
    together(statements) {
      const text = statements.map(sql => sql.query().text).join('; ')
      return watched(hook, text, [], () => db.together(statements))
    },
    behind: readableFrom(db.behind, hook),
    transaction: (work, options) =>
      db.transaction(session => work(sessionFrom(session, hook)), options),
  }
}

function readableFrom(db: Readable, hook: StatementHook): Readable {
  return {
    ...readsFrom(db, hook),
    snapshot: work => db.snapshot(reads => work(snapshotFrom(reads, hook))),
  }
}

function sessionFrom(session: Session, hook: StatementHook): Session {
  return {
    ...snapshotFrom(session, hook),
    run: sql => see(hook, sql, () => session.run(sql)),
  }
}

function snapshotFrom(reads: Snapshot, hook: StatementHook): Snapshot {
  return {
    ...readsFrom(reads, hook),
    passing: <Row extends unknown[]>(sql: Sql) => see(hook, sql, () => reads.passing<Row>(sql)),
  }
}

function readsFrom(db: Reads, hook: StatementHook): Reads {
  return {
    rows: <Row extends unknown[]>(sql: Sql) => see(hook, sql, () => db.rows<Row>(sql)),
  }
}

function see<T>(hook: StatementHook, sql: Sql, run: () => T): T {
  const { text, values } = sql.query()
  return watched(hook, text, values, run)
}
