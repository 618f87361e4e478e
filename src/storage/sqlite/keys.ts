// The keys by which rows name what repeats: looked up, or made, for all values of a batch at once.

import type { SqliteDatabase } from './database.ts'
import type { Bound } from './event-query.ts'
import { ManyRows, manyTexts } from './many-rows.ts'

export interface Keys {
  /**
   * The keys of rows, made if need be, in the order of the names; 0 for the names that are null. The names are
   * different from each other. `columns` is only asked for a name that is not remembered. Within a transaction.
   */
  findAll(
    names: readonly (string | null)[],
    columns: (place: number) => readonly Bound[],
  ): readonly number[]
  /** After a transaction was rolled back: keys made in it are gone. */
  forget(): void
}

/** Keys remembered of each table, at most twice as many; there are more resources than fit. */
const MOST_REMEMBERED = 30_000

/** Of a table with a unique index on these columns. */
export function keysOf(db: SqliteDatabase, table: string, columns: readonly string[]): Keys {
  // Two generations: when the young is full it becomes the old, and what is used again becomes young again.
  let young = new Map<string, number>()
  let old = new Map<string, number>()
  const marks = columns.map(() => '?').join(',')
  const seek = manyTexts(
    `WITH asked (place, ${columns.join(', ')}) AS (VALUES`,
    `(?,${marks})`,
    `) SELECT place, key FROM asked CROSS JOIN ${table} t ON
      ${columns.map(name => `t.${name} = asked.${name}`).join(' AND ')}`,
  )
  // A fault here ends the transaction: SQLite need not be able to take back the statement alone.
  const insert = manyTexts(
    `INSERT OR FAIL INTO ${table} (key, ${columns.join(', ')}) VALUES`,
    `(?,${marks})`,
    'ON CONFLICT DO NOTHING',
  )
  const newest = { text: `SELECT max(key) FROM ${table}`, values: [] }

  function remember(name: string, key: number): void {
    if (young.size >= MOST_REMEMBERED) {
      old = young
      young = new Map()
    }
    young.set(name, key)
  }

  function make(keys: number[], missing: readonly number[], values: readonly (readonly Bound[])[]) {
    let last = db.row<[number | null]>(newest)?.[0] ?? 0
    let left = 0
    const rows = new ManyRows(insert, (text, values) => {
      left -= db.run(text, ...values)
    })
    for (const [number, place] of missing.entries()) {
      if (keys[place] !== 0) continue
      keys[place] = ++last
      left++
      rows.value(last)
      for (const value of values[number] ?? []) rows.value(value)
      rows.end()
    }
    rows.finish()
    // Two names may be kept alike, as two spellings of one address: both have the key of the first.
    if (left > 0) look(keys, missing, values)
  }

  function look(keys: number[], missing: readonly number[], values: readonly (readonly Bound[])[]) {
    const rows = new ManyRows(seek, (text, values) => {
      for (const [place, key] of db.rows<[number, number]>({ text, values })) keys[place] = key
    })
    for (const [number, place] of missing.entries()) {
      rows.value(place)
      for (const value of values[number] ?? []) rows.value(value)
      rows.end()
    }
    rows.finish()
  }

  return {
    findAll(names, columns) {
      const missing: number[] = []
      const keys = names.map((name, place) => {
        if (name === null) return 0
        const key = young.get(name)
        if (key !== undefined) return key
        const again = old.get(name)
        if (again === undefined) missing.push(place)
        else remember(name, again)
        return again ?? 0
      })
      if (missing.length > 0) {
        const values = missing.map(columns)
        look(keys, missing, values)
        make(keys, missing, values)
      }
      for (const place of missing) remember(names[place] as string, keys[place] as number)
      return keys
    },
    forget() {
      young = new Map()
      old = new Map()
    },
  }
}
