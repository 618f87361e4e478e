// Reads single fields of a JSON object that is not to be trusted. A field that does not fit throws a
// `Misfit`, which `decode` alone catches: no caller of this room ever sees one.

import { quoted } from '../errors.ts'
import { canonicalId, isUuid } from '../id.ts'
import { type Instant, parseInstant } from '../instant.ts'

/** A value, or the first field that does not fit and what is wrong with it: `id`, `is missing`. */
export type Decoded<T> =
  | { readonly value: T }
  | { readonly field: string; readonly problem: string }

export type Json = Readonly<Record<string, unknown>>

class Misfit {
  readonly field: string
  readonly problem: string

  constructor(field: string, problem: string) {
    this.field = field
    this.problem = problem
  }
}

/** What `read` makes of the object's fields. `what` names the object where it is none. */
export function decode<T>(json: unknown, what: string, read: (json: Json) => T): Decoded<T> {
  if (!isObject(json)) return { field: what, problem: 'is not a JSON object' }
  try {
    return { value: read(json) }
  } catch (cause) {
    if (cause instanceof Misfit) return { field: cause.field, problem: cause.problem }
    throw cause
  }
}

export function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** In lower case. */
export function uuid(json: Json, field: string): string {
  const value = present(json, field)
  if (typeof value === 'string' && isUuid(value)) return value.toLowerCase()
  throw new Misfit(field, `is not a UUID: ${quoted(value)}`)
}

/** As `text`, but a UUID comes in lower case. */
export function identifier(json: Json, field: string, limit: number): string {
  return canonicalId(text(json, field, limit))
}

/** As `identifier`; `null` where the field is missing, null or empty. */
export function optionalIdentifier(json: Json, field: string, limit: number): string | null {
  const value = optionalText(json, field, limit)
  return value === null ? null : canonicalId(value)
}

/** As `text`, but empty where it came empty: Scaleway's API gives so what it does not know. */
export function possiblyEmptyText(json: Json, field: string, limit: number): string {
  return json[field] === '' ? '' : text(json, field, limit)
}

/** 1 to `limit` characters as they came. */
export function text(json: Json, field: string, limit: number): string {
  const value = optionalText(json, field, limit)
  if (value !== null) return value
  present(json, field)
  throw new Misfit(field, 'is empty')
}

/** As `text`; `null` where the field is missing, null or empty. */
export function optionalText(json: Json, field: string, limit: number): string | null {
  const value = json[field]
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') throw new Misfit(field, `is not a text: ${quoted(value)}`)
  if (value.length > limit) {
    throw new Misfit(field, `is longer than ${limit.toLocaleString('en')} characters`)
  }
  // Databases refuse the one, and the other has no UTF-8.
  if (value.includes('\0')) throw new Misfit(field, 'contains a NUL character')
  if (!value.isWellFormed()) throw new Misfit(field, 'contains half of a surrogate pair')
  return value
}

export function instant(json: Json, field: string): Instant {
  const value = present(json, field)
  const parsed = typeof value === 'string' ? parseInstant(value) : null
  if (parsed !== null) return parsed
  throw new Misfit(field, `is not an RFC 3339 date with an offset: ${quoted(value)}`)
}

/** `null` where the field is missing or null. */
export function optionalInstant(json: Json, field: string): Instant | null {
  return isAbsent(json, field) ? null : instant(json, field)
}

/** What `read` makes of each element; none where the field is missing or null. */
export function each<T>(json: Json, field: string, read: (json: Json, field: string) => T): T[] {
  if (isAbsent(json, field)) return []
  const list = json[field]
  if (!Array.isArray(list)) throw new Misfit(field, `is not an array: ${quoted(list)}`)
  return list.map((element, index) => {
    const place = `${field}[${index}]`
    return read({ [place]: element }, place)
  })
}

/** The one of these fields that holds a UUID, in lower case; `null` where all are missing, null or empty. */
export function oneOf<K extends string>(
  json: Json,
  fields: Readonly<Record<K, string>>,
): { readonly kind: K; readonly id: string } | null {
  const kinds = (Object.keys(fields) as K[]).filter(kind => {
    return !isAbsent(json, fields[kind]) && json[fields[kind]] !== ''
  })
  const [kind, another] = kinds
  if (kind === undefined) return null
  if (another !== undefined) misfit(fields[another], `is given beside ${fields[kind]}`)
  return { kind, id: uuid(json, fields[kind]) }
}

/** `null` where the field is missing or null. */
export function optionalFlag(json: Json, field: string): boolean | null {
  if (isAbsent(json, field)) return null
  const value = json[field]
  if (typeof value === 'boolean') return value
  throw new Misfit(field, `is neither true nor false: ${quoted(value)}`)
}

/** For what no reader here can tell: ends the `decode` around it. */
export function misfit(field: string, problem: string): never {
  throw new Misfit(field, problem)
}

/** Missing or null. */
export function isAbsent(json: Json, field: string): boolean {
  return json[field] === undefined || json[field] === null
}

function present(json: Json, field: string): unknown {
  const value = json[field]
  if (value === undefined) throw new Misfit(field, 'is missing')
  if (value === null) throw new Misfit(field, 'is null')
  return value
}
