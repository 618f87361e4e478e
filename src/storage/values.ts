// Values that many events of an Organization share, each stored once under a number. Numbers are assigned under the
// Organization's lock and cached once the transaction has committed. When retention deletes numbers, it increments
// the Organization's epoch, which is part of the cache key.

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { encodeAddress } from './codec.ts'
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

/** How values become rows. A value with several parts is one text; see `joined`. */
interface Shape {
  readonly columns: (values: readonly string[]) => readonly Given[]
  /** The number of columns, from the first, that identify a value. */
  readonly identifying: number
}

const SHAPES: Record<ValueOf, Shape> = {
  kind: {
    columns: values => {
      const words = values.map(split)
      return [
        { name: 'action', as: 'text', values: words.map(([action = '']) => action) },
        { name: 'category', as: 'text', values: words.map(([, category = '']) => category) },
      ]
    },
    identifying: 2,
  },
  principal: { columns: values => [{ name: 'id', as: 'id', values }], identifying: 1 },
  userAgent: {
    columns: values => [
      { name: 'hash', as: 'bytes', values: values.map(hashOf) },
      { name: 'text', as: 'text', values },
    ],
    identifying: 1,
  },
  address: {
    columns: values => [
      { name: 'text', as: 'text', values },
      { name: 'address', as: 'bytes', values: values.map(addressOf) },
    ],
    identifying: 1,
  },
  resource: { columns: values => [{ name: 'id', as: 'id', values }], identifying: 1 },
  series: {
    columns: values => {
      const numbers = values.map(value => split(value).map(Number))
      return (['principal', 'user_agent', 'kind'] as const).map((name, at) => {
        return { name, as: 'number', values: numbers.map(parts => parts[at] ?? 0) }
      })
    },
    identifying: 3,
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

/** `null` for a text that is not an address. */
export function addressOf(text: string): Buffer | null {
  const encoded = encodeAddress(text)
  return typeof encoded === 'string' ? null : encoded
}

/** The approximate size of the cache in bytes, and of an entry without its text. Not all resources fit. */
const CACHE_SIZE = 32_000_000
const ENTRY_SIZE = 200

export interface Numbering {
  /** The numbers of values, in their order; adds new values. The values must be distinct. */
  find(of: ValueOf, values: readonly string[]): Promise<number[]>
  /** The highest number that was assigned. */
  lastNumber(): number
  /** Caches the numbers; call it when the transaction has committed. */
  keep(): void
}

/** The returned function is for one transaction, which must hold the Organization's lock. */
export function createNumberings(): (locked: Locked) => Numbering {
  const known = new LRUCache<string, number>({
    maxSize: CACHE_SIZE,
    sizeCalculation: (_, name) => ENTRY_SIZE + name.length,
  })

  return ({ db, dialect, organization, epoch, lastNumber }) => {
    const found = new Map<string, number>()
    let last = lastNumber

    async function lookUp(of: ValueOf, values: readonly string[]): Promise<[number, number][]> {
      const { columns, identifying } = SHAPES[of]
      const keys = columns(values).slice(0, identifying)
      const same = keys.map(({ name }) => sql.raw(`t.${name} = x.${name}`))
      return db.rows<[place: number, number: number]>(
        sql`SELECT x.place, t.number FROM ${dialect.given('x', keys)} CROSS JOIN ${tableOf(of)} t
          WHERE t.organization = ${organization} AND ${sql.join(same, sql` AND `)}`,
      )
    }

    async function make(of: ValueOf, values: readonly string[]): Promise<number> {
      const first = last + 1
      last += values.length
      const columns = SHAPES[of].columns(values)
      const numbers = values.map((_, place) => first + place)
      await dialect.intake.insertRows(db, VALUE_TABLE[of], organization, [
        { name: 'number', as: 'number', values: numbers },
        ...columns,
      ])
      return first
    }

    return {
      async find(of, values) {
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
      lastNumber: () => last,
      keep() {
        for (const [name, number] of found) known.set(name, number)
      },
    }
  }
}
