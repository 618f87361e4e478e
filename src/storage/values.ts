// Values that many events of an Organization share, each kept once under a number. Numbers are given under the
// Organization's lock, and remembered here once that was committed; retention may give them up, and then the epoch is
// another.

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { encodeAddress } from './codec.ts'
import type { Given } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import type { Locked } from './lock.ts'

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

/** How values become rows. A value of several parts is written as one text, see `joined`. */
interface Shape {
  /** Columns of the table, of which the first so many tell a value from all others. */
  readonly columns: (values: readonly string[]) => readonly Given[]
  readonly telling: number
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
    telling: 2,
  },
  principal: { columns: values => [{ name: 'id', as: 'id', values }], telling: 1 },
  userAgent: {
    columns: values => [
      { name: 'hash', as: 'bytes', values: values.map(hashOf) },
      { name: 'text', as: 'text', values },
    ],
    telling: 1,
  },
  address: {
    columns: values => [
      { name: 'text', as: 'text', values },
      { name: 'address', as: 'bytes', values: values.map(addressOf) },
    ],
    telling: 1,
  },
  resource: { columns: values => [{ name: 'id', as: 'id', values }], telling: 1 },
  series: {
    columns: values => {
      const numbers = values.map(value => split(value).map(Number))
      return (['principal', 'user_agent', 'kind'] as const).map((name, at) => {
        return { name, as: 'number', values: numbers.map(parts => parts[at] ?? 0) }
      })
    },
    telling: 3,
  },
}

const SEPARATOR = '\0'

/** No part of a value has the character between them: see text.ts. */
export function joined(...parts: readonly (string | number)[]): string {
  return parts.join(SEPARATOR)
}

function split(value: string): string[] {
  return value.split(SEPARATOR)
}

export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** `null` for what is no address. */
export function addressOf(text: string): Buffer | null {
  const encoded = encodeAddress(text)
  return typeof encoded === 'string' ? null : encoded
}

/** What is remembered weighs about so many bytes, and each value so many and its text; there are more resources than fit. */
const MOST_REMEMBERED = 32_000_000
const ENTRY = 200

export interface ValueNumbers {
  /** In one transaction, which holds the Organization's lock. */
  begin(locked: Locked): Numbering
}

export interface Numbering {
  /** The numbers of values, which differ from each other, in their order; made where they are new. */
  find(of: ValueOf, values: readonly string[]): Promise<number[]>
  /** The highest number that was given. */
  lastNumber(): number
  /** When the transaction has committed. */
  keep(): void
}

export function createValueNumbers(): ValueNumbers {
  const known = new LRUCache<string, number>({
    maxSize: MOST_REMEMBERED,
    sizeCalculation: (_, name) => ENTRY + name.length,
  })

  return {
    begin({ db, dialect, organization, epoch, lastNumber }) {
      const found = new Map<string, number>()
      let last = lastNumber

      async function lookUp(of: ValueOf, values: readonly string[]): Promise<[number, number][]> {
        const { columns, telling } = SHAPES[of]
        const told = columns(values).slice(0, telling)
        const same = told.map(({ name }) => sql.raw(`t.${name} = x.${name}`))
        return db.rows<[place: number, number: number]>(
          sql`SELECT x.place, t.number FROM ${dialect.given('x', told)} CROSS JOIN ${tableOf(of)} t
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
          const asked = unknown.map(place => values[place] as string)
          for (const [at, number] of await lookUp(of, asked))
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
    },
  }
}
