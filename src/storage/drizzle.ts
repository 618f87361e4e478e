// Loads Drizzle's CommonJS build: for each of its ES modules, Node parses the package's large package.json again, which
// takes most of a second and 200 MB. All files of this folder import Drizzle from here.

import { createRequire } from 'node:module'

// drizzle-kit compiles the tables to CommonJS, where a module has a file name but no URL.
const load = createRequire(typeof __filename === 'string' ? __filename : import.meta.url)

const core = load('drizzle-orm') as typeof import('drizzle-orm')

export const { and, desc, eq, getTableName, gt, inArray, lt, or, sql } = core
export const { Param, Placeholder, SQL, StringChunk } = core
export type SQL = import('drizzle-orm').SQL
export type { Placeholder as ForValue } from 'drizzle-orm'

export const loadSqliteCore = () =>
  load('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core')
export const loadSqliteProxy = () =>
  load('drizzle-orm/sqlite-proxy') as typeof import('drizzle-orm/sqlite-proxy')
export const loadPostgresCore = () =>
  load('drizzle-orm/pg-core') as typeof import('drizzle-orm/pg-core')
export const loadPostgresProxy = () =>
  load('drizzle-orm/pg-proxy') as typeof import('drizzle-orm/pg-proxy')
export const loadMigrator = () =>
  load('drizzle-orm/migrator') as typeof import('drizzle-orm/migrator')

/**
 * The result of a query of Drizzle's builder. Drizzle wraps a database's error in one whose message contains the
 * query and all its values, which must not be logged: this rejects with the database's own error.
 */
export async function answerOf<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query
  } catch (error) {
    throw error instanceof core.DrizzleQueryError ? error.cause : error
  }
}
