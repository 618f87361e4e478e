// The filter of events in a URL or on a command line, with the names and meanings of the graph.

import { InputError, quoted } from '../errors.ts'
import { ACTIONS, CATEGORIES, type EventFilter } from '../event.ts'
import { type Instant, notAnInstant, parseInstant } from '../instant.ts'
import { eventFilter, type FilterInput } from './event-filter.ts'

type Exclusion = NonNullable<FilterInput['not']>
type NotName = `not${Capitalize<keyof Exclusion>}`

/** The fields of `EventFilter` in the graph; those of its `not` with that prefix. */
export type FilterName = Exclude<keyof FilterInput, 'not'> | NotName

/** The values for each name: lists may be repeated, or separated by commas. */
export type FilterTexts = Readonly<Partial<Record<FilterName, readonly string[]>>>

type Reader = (name: FilterName, given: readonly string[]) => unknown

const READERS: Readonly<Record<FilterName, Reader>> = {
  createdAfter: date,
  createdBefore: date,
  actions: words(ACTIONS),
  categories: words(CATEGORIES),
  principalIds: list,
  resourceIds: list,
  ipAddresses: list,
  userAgent: one,
  // User agents may contain commas.
  userAgents: (_, given) => given,
  notActions: words(ACTIONS),
  notCategories: words(CATEGORIES),
  notPrincipalIds: list,
  notIpAddresses: list,
  notUserAgents: (_, given) => given,
}

export const FILTER_NAMES = Object.keys(READERS) as readonly FilterName[]

/** Refuses invalid values, with the name. */
export function filterFromTexts(texts: FilterTexts): EventFilter {
  const input: Record<string, unknown> = {}
  const not: Record<string, unknown> = {}
  for (const name of FILTER_NAMES) {
    if (texts[name] === undefined) continue
    const value = READERS[name](name, texts[name])
    const [, begin, rest] = /^not([A-Z])(.*)/.exec(name) ?? []
    if (begin === undefined) input[name] = value
    else not[begin.toLowerCase() + rest] = value
  }
  return eventFilter({ ...input, not })
}

function one(name: FilterName, [text, another]: readonly string[]): string | undefined {
  if (another === undefined) return text
  throw new InputError(`${name} was given several times; give it once`)
}

function date(name: FilterName, given: readonly string[]): Instant | undefined {
  const text = one(name, given)
  const instant = text === undefined ? undefined : parseInstant(text)
  if (instant !== null) return instant
  throw new InputError(`${name}: ${quoted(text)} ${notAnInstant(text ?? '')}`)
}

function list(name: FilterName, given: readonly string[]): string[] {
  const items = given.flatMap(text => text.split(',')).map(item => item.trim())
  if (!items.includes('')) return items
  throw new InputError(`${name} has an empty value; give a value, without extra commas`)
}

/** Case-insensitive. */
function words(all: readonly string[]): Reader {
  return (name, given) =>
    list(name, given).map(text => {
      const word = all.find(word => word === text.toLowerCase())
      if (word !== undefined) return word
      throw new InputError(`${name}: ${quoted(text)} is not one of ${all.join(', ').toUpperCase()}`)
    })
}
