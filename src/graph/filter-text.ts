// The filter of events as words of a URL or a command line: the graph's own names and meanings, as texts.

import { quoted, Refusal } from '../errors.ts'
import { ACTIONS, CATEGORIES, type EventFilter } from '../event.ts'
import { type Instant, parseInstant } from '../instant.ts'
import { eventFilter } from './event-filter.ts'

/** The names there are: the fields of `EventFilter` in the graph. */
export const FILTER_NAMES = [
  'createdAfter',
  'createdBefore',
  'actions',
  'categories',
  'principalIds',
  'resourceIds',
  'ipAddress',
  'userAgent',
] as const

export type FilterName = (typeof FILTER_NAMES)[number]

/** All that was given under each name: lists may be given several times, and with commas between. */
export type FilterTexts = Readonly<Partial<Record<FilterName, readonly string[]>>>

/** What they mean; refuses what can never be meant, by name. */
export function filterFromTexts(texts: FilterTexts): EventFilter {
  return eventFilter({
    createdAfter: dateIn(texts, 'createdAfter'),
    createdBefore: dateIn(texts, 'createdBefore'),
    actions: wordsIn(texts, 'actions', ACTIONS),
    categories: wordsIn(texts, 'categories', CATEGORIES),
    principalIds: listIn(texts, 'principalIds'),
    resourceIds: listIn(texts, 'resourceIds'),
    ipAddress: oneIn(texts, 'ipAddress'),
    userAgent: oneIn(texts, 'userAgent'),
  })
}

function oneIn(texts: FilterTexts, name: FilterName): string | null {
  const [one = null, another] = texts[name] ?? []
  if (another === undefined) return one
  throw new Refusal('BAD_USER_INPUT', `${name} was given several times; give it once`)
}

function dateIn(texts: FilterTexts, name: FilterName): Instant | null {
  const text = oneIn(texts, name)
  if (text === null) return null
  const instant = parseInstant(text)
  if (instant !== null) return instant
  throw new Refusal(
    'BAD_USER_INPUT',
    `${name}: ${quoted(text)} is not a date and time with an offset; write it like "2025-11-17T17:10:30Z"`,
  )
}

function listIn(texts: FilterTexts, name: FilterName): string[] | null {
  const given = texts[name]
  if (given === undefined) return null
  const list = given.flatMap(text => text.split(',')).map(item => item.trim())
  if (!list.includes('')) return list
  throw new Refusal('BAD_USER_INPUT', `${name} holds nothing, or nothing between two commas`)
}

/** In whichever case. */
function wordsIn<Word extends string>(
  texts: FilterTexts,
  name: FilterName,
  words: readonly Word[],
): Word[] | null {
  const given = listIn(texts, name)
  if (given === null) return null
  return given.map(text => {
    const word = words.find(word => word === text.toLowerCase())
    if (word !== undefined) return word
    throw new Refusal(
      'BAD_USER_INPUT',
      `${name}: ${quoted(text)} is none of ${words.map(word => word.toUpperCase()).join(', ')}`,
    )
  })
}
