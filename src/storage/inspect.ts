// Checks whether a database works, without creating, migrating or changing it. Slow checks are left to `verify`.

import type { Diagnostic } from '../diagnostic.ts'
import { fault } from '../diagnostic.ts'
import { fileOf, isPostgres, shownAddress } from './database-address.ts'
import type { Connections } from './postgres/postgres-inspect.ts'
import { inspectSqlite } from './sqlite/sqlite-inspect.ts'

/** In the order in which an operator would check. Never rejects because of a problem of the database. */
export async function inspectDatabase(
  address: string,
  replicas: readonly string[],
  connections: Connections,
): Promise<Diagnostic[]> {
  if (isPostgres(address)) {
    const { inspectPostgres } = await import('./postgres/postgres-inspect.ts')
    return inspectPostgres(address, replicas, connections)
  }
  const file = fileOf(address)
  if (file !== null) return inspectSqlite(file)
  return [
    fault(
      'database',
      `${shownAddress(address)} is not an address that this version can open`,
      'give the path of a SQLite file, or postgres://user@host/name',
    ),
  ]
}
