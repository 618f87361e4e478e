// Zod schemas for fields of Scaleway's JSON. Invalid values are reported by field, and never repaired.

import { z } from 'zod'
import { type Decoded, quoted } from '../errors.ts'
import { isUuid } from '../id.ts'
import { type Instant, notAnInstant, parseInstant } from '../instant.ts'

export type Json = Readonly<Record<string, unknown>>

export function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** `what` names the value if it is not an object. */
export function decode<T>(json: unknown, what: string, schema: z.ZodType<T>): Decoded<T> {
  if (!isObject(json)) return { field: what, problem: 'is not a JSON object' }
  const { data, error } = schema.safeParse(json)
  const issue = error?.issues[0]
  if (issue === undefined) return { value: data as T }
  const [field, index] = issue.path
  return {
    field: index === undefined ? String(field) : `${String(field)}[${String(index)}]`,
    problem: issue.message,
  }
}

function otherwise(problem: string) {
  return {
    error: ({ input }: { input?: unknown }) =>
      input === undefined
        ? 'is missing'
        : input === null
          ? 'is null'
          : `${problem}: ${quoted(input)}`,
  }
}

const NO_UUID = otherwise('is not a UUID')

/** In lower case. */
export const uuid = z.string(NO_UUID).refine(isUuid, NO_UUID).toLowerCase()

/** `null` if it is missing, null or empty. */
export const optionalUuid = z.preprocess(
  id => (id === '' ? null : id),
  uuid.nullable().default(null),
)

/** Up to `limit` characters; empty if Scaleway's API does not know the value. */
export function possiblyEmptyText(limit: number) {
  return (
    z
      .string(otherwise('is not a string'))
      .max(limit, `is longer than ${limit.toLocaleString('en')} characters`)
      // PostgreSQL rejects NUL, and a lone surrogate has no UTF-8 encoding.
      .refine(text => !text.includes('\0'), 'contains a NUL character')
      .refine(text => text.isWellFormed(), 'contains half of a surrogate pair')
  )
}

export function text(limit: number) {
  return possiblyEmptyText(limit).min(1, 'is empty')
}

/** `null` if it is missing, null or empty. */
export function optionalText(limit: number) {
  return possiblyEmptyText(limit)
    .nullish()
    .transform(text => text || null)
}

const NO_DATE = 'is not an RFC 3339 date with an offset'

export const instant = z.string(otherwise(NO_DATE)).transform((text, context): Instant => {
  const parsed = parseInstant(text)
  if (parsed !== null) return parsed
  const { error } = otherwise(notAnInstant(text, NO_DATE))
  context.addIssue({ code: 'custom', message: error({ input: text }) })
  return z.NEVER
})

/** `null` if the field is missing or null. */
export const optionalInstant = instant.nullable().default(null)

/** `null` if the field is missing or null. */
export const optionalFlag = z
  .boolean(otherwise('is neither true nor false'))
  .nullable()
  .default(null)

/** Empty if the field is missing or null. */
export function listOf<T>(element: z.ZodType<T>) {
  return z
    .array(element, otherwise('is not an array'))
    .nullish()
    .transform(list => list ?? [])
}
