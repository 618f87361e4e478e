// Values that many events of an Organization share, each stored once under a number. Numbers are assigned under the
// Organization's lock and cached once the transaction has committed. When retention deletes numbers, it increments
// the Organization's epoch, which is part of the cache key.

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { addressOf } from './codec.ts'
import type { Given } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import type { Locked } from './organizations.ts'

export const VALUE_TABLE = {
  kind: 'kinds',
  principal: 'principals',
  userAgent: 'user_agents',
  address: 'addresses',
  resource: 'resources',
  series: 'series',
} as const

export type ValueOf = keyof typeof VALUE_TABLE

export function tableOf(of: ValueOf): SQL {
  return sql.raw(VALUE_TABLE[of])
}

/**
 * How values become rows: the columns that identify a value, and its other columns. A value with several parts is one
 * text; see `joined`.
 */
const COLUMNS: Record<ValueOf, (values: readonly string[]) => [Given[], Given[]]> = {
  kind(values) {
    const words = values.map(split)
    const part = (name: string, at: number): Given => {
      return { name, as: 'text', values: words.map(parts => parts[at] ?? '') }
    }
    return [[part('action', 0), part('category', 1)], []]
  },
  principal: values => [[{ name: 'id', as: 'id', values }], []],
  userAgent: values => [
    [{ name: 'hash', as: 'bytes', values: values.map(hashOf) }],
    [{ name: 'text', as: 'text', values }],
  ],
  address: values => [
    [{ name: 'text', as: 'text', values }],
    [{ name: 'address', as: 'bytes', values: values.map(addressOf) }],
  ],
  resource: values => [[{ name: 'id', as: 'id', values }], []],
  series(values) {
    const numbers = values.map(split)
    const part = (name: string, at: number): Given => {
      return { name, as: 'number', values: numbers.map(parts => Number(parts[at])) }
    }
    return [[part('principal', 0), part('user_agent', 1), part('kind', 2)], []]
  },
}

const SEPARATOR = '\0'

/** The separator cannot occur in a part: see src/text.ts. */
export function joined(...parts: readonly (string | number)[]): string {
  return parts.join(SEPARATOR)
}

function split(value: string): string[] {
  return value.split(SEPARATOR)
}

export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** In bytes: the default size of the cache, and roughly that of an entry without its text. Not all resources fit. */
const CACHE_SIZE = 32_000_000
const ENTRY_SIZE = 200

export type Numbering = ReturnType<ReturnType<typeof createNumberings>>

/** The returned function is for one transaction, which must hold the Organization's lock. */
export function createNumberings(cacheSize = CACHE_SIZE) {
  const known = new LRUCache<string, number>({
    maxSize: cacheSize,
    sizeCalculation: (_, name) => ENTRY_SIZE + name.length,
  })

  return ({ db, dialect, organization, epoch, lastNumber }: Locked) => {
    const found = new Map<string, number>()
    let last = lastNumber

    async function lookUp(of: ValueOf, values: readonly string[]): Promise<[number, number][]> {
      const [keys] = COLUMNS[of](values)
      const same = keys.map(({ name }) => sql.raw(`t.${name} = x.${name}`))
      return db.rows<[place: number, number: number]>(
        sql`SELECT x.place, t.number FROM ${dialect.given('x', keys)} CROSS JOIN ${tableOf(of)} t
          WHERE t.organization = ${organization} AND ${sql.join(same, sql` AND `)}`,
      )
    }

    async function make(of: ValueOf, values: readonly string[]): Promise<number> {
      const first = last + 1
      last += values.length
      const numbers = values.map((_, place) => first + place)
      await dialect.intake.insertRows(db, VALUE_TABLE[of], organization, [
        { name: 'number', as: 'number', values: numbers },
        ...COLUMNS[of](values).flat(),
      ])
      return first
    }

    return {
      /** The numbers of values, in their order; adds new values. The values must be distinct. */
      async find(of: ValueOf, values: readonly string[]): Promise<number[]> {
        const names = values.map(value => `${organization} ${epoch} ${of} ${value}`)
        const numbers = names.map(name => known.get(name) ?? 0)
        const unknown = [...numbers.keys()].filter(place => numbers[place] === 0)
        if (unknown.length === 0) return numbers
        const missing = unknown.map(place => values[place] as string)
        for (const [at, number] of await lookUp(of, missing))
          numbers[unknown[at] as number] = number
        const fresh = unknown.filter(place => numbers[place] === 0)
        if (fresh.length > 0) {
          const first = await make(
            of,
            fresh.map(place => values[place] as string),
          )
          for (const [at, place] of fresh.entries()) numbers[place] = first + at
        }
        for (const place of unknown) found.set(names[place] as string, numbers[place] as number)
        return numbers
      },
      /** The highest number that was assigned. */
      lastNumber: () => last,
      /** Caches the numbers; call it when the transaction has committed. */
      keep(): void {
        for (const [name, number] of found) known.set(name, number)
      },
    }
  }
}
