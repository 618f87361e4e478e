// Everything the page shows, and its form in the address: a link shows others the same. Filters have the same names as
// in the API and in exports.

import type { EventAction, EventCategory, EventFilter } from '../api/page-documents.ts'

/** The columns of the list that can be hidden. */
export const COLUMNS = ['action', 'category', 'resource', 'principal', 'from'] as const

export type Column = (typeof COLUMNS)[number]

const HOUR = 3_600_000

/** In milliseconds. */
export const SPANS = {
  '1h': HOUR,
  '24h': 24 * HOUR,
  '7d': 7 * 24 * HOUR,
  '30d': 30 * 24 * HOUR,
  '90d': 90 * 24 * HOUR,
  '365d': 365 * 24 * HOUR,
} as const

export type Span = keyof typeof SPANS

export const ACTIONS: readonly EventAction[] = ['CREATED', 'UPDATED', 'DELETED', 'UNKNOWN']

export const CATEGORIES: readonly EventCategory[] = [
  'API_KEY',
  'USER',
  'APPLICATION',
  'GROUP',
  'POLICY',
  'UNKNOWN',
]

/** In the order of the address. */
const FIELDS = {
  /** `null`: the first that the viewer may see. */
  organizationId: text('organization'),
  /** The principal whose page is shown; `null` for the list of all events. */
  principalId: text('principal'),
  /** The period up to now; takes precedence over the two dates. */
  last: text('last', (value): value is Span => value in SPANS),
  /** Included. In RFC 3339, like `createdBefore`. */
  createdAfter: date('createdAfter'),
  /** Excluded. */
  createdBefore: date('createdBefore'),
  actions: list('actions', ACTIONS),
  categories: list('categories', CATEGORIES),
  principalIds: list('principalIds'),
  resourceIds: list('resourceIds'),
  /** Addresses and blocks. */
  ipAddresses: list('ipAddresses'),
  /** A user agent must contain one of them. Older links have only one, under the singular name. */
  userAgents: texts('userAgents', 'userAgent'),
  notActions: list('notActions', ACTIONS),
  notCategories: list('notCategories', CATEGORIES),
  notPrincipalIds: list('notPrincipalIds'),
  notIpAddresses: list('notIpAddresses'),
  notUserAgents: texts('notUserAgents'),
  oldestFirst: flag('order', 'oldest'),
  /** Whether new events are added as they arrive. */
  live: flag('live', 'yes'),
  /** Dates in UTC, otherwise in the viewer's time zone. */
  utc: flag('zone', 'utc'),
  /** Dates such as "5 minutes ago". */
  relative: flag('dates', 'relative'),
  /** The hidden columns of the list. */
  hidden: list('hide', COLUMNS),
  /** The event whose details are shown; `null` for none. */
  eventId: text('event'),
  /** The name of the saved view that is shown, possibly with changes. */
  savedView: text('view'),
}

export type View = {
  readonly [Name in keyof typeof FIELDS]: ReturnType<(typeof FIELDS)[Name]['read']>
}

interface Field<Value> {
  /** In the address: the name that is written, then others that are read too. */
  readonly names: readonly string[]
  /** From all values under its names that are not empty; calls `reject` if one is not valid. */
  read(values: readonly string[], reject: () => void): Value
  write(value: Value): readonly string[]
}

function text<Value extends string = string>(
  name: string,
  isValid = (_: string): _ is Value => true,
): Field<Value | null> {
  return {
    names: [name],
    read([value], reject) {
      if (value === undefined || isValid(value)) return value ?? null
      reject()
      return null
    },
    write: value => (value === null ? [] : [value]),
  }
}

function date(name: string): Field<string | null> {
  return text(name, (value): value is string => !Number.isNaN(Date.parse(value)))
}

/** `among`: the only valid values, in their order. */
function list<Value extends string = string>(
  name: string,
  among?: readonly Value[],
): Field<readonly Value[]> {
  return {
    names: [name],
    read(values, reject) {
      const given = [...new Set(values.flatMap(value => value.split(',').filter(Boolean)))]
      const found = among?.filter(value => given.includes(value)) ?? (given as Value[])
      if (found.length < given.length) reject()
      return found
    },
    write: values => (values.length === 0 ? [] : [values.join()]),
  }
}

/** Not separated by commas, which user agents contain. */
function texts(...names: readonly string[]): Field<readonly string[]> {
  return { names, read: values => [...new Set(values)], write: values => values }
}

function flag(name: string, word: string): Field<boolean> {
  return {
    names: [name],
    read(values, reject) {
      if (values.some(value => value !== word)) reject()
      return values.includes(word)
    },
    write: value => (value ? [word] : []),
  }
}

/** The view that a query string describes, and the names in it that are not valid. */
export function readView(search: string): { view: View; unknown: string[] } {
  const given = new URLSearchParams(search)
  const unknown = new Set(given.keys())
  const entries = Object.entries(FIELDS).map(([key, { names, read }]) => {
    for (const name of names) unknown.delete(name)
    const values = names.flatMap(name => given.getAll(name)).filter(Boolean)
    return [key, read(values, () => unknown.add(names[0] ?? key))]
  })
  return { view: Object.fromEntries(entries), unknown: [...unknown] }
}

/** The query string of a view, empty for `EVERYTHING`; equal views have equal query strings. */
export function writeView(view: View): string {
  const given = new URLSearchParams(parametersOf(view, FIELD_NAMES))
  // Unescaped, for readable addresses.
  const text = given.toString().replaceAll('%3A', ':').replaceAll('%2C', ',')
  return text === '' ? '' : `?${text}`
}

const FIELD_NAMES = Object.keys(FIELDS) as (keyof View)[]

/** The fields that are set, by their names in the address. */
function parametersOf(view: View, fields: readonly (keyof View)[]): [string, string][] {
  return fields.flatMap(key => {
    const { names, write }: Field<unknown> = FIELDS[key]
    return write(view[key]).map((value): [string, string] => [names[0] ?? key, value])
  })
}

export const EVERYTHING: View = readView('').view

const { organizationId, principalId, oldestFirst, hidden, ...others } = EVERYTHING
const { eventId, live, utc, relative, ...filter } = others

/** No condition on events, and no saved view. */
export const NO_FILTER = filter

/** What is shown of the same events, and how. */
export const PLAIN = { eventId, live, utc, relative, savedView: filter.savedView }

/** The list that excludes the values of the other; `null` if they cannot be excluded. */
export const EXCLUDED = {
  actions: 'notActions',
  categories: 'notCategories',
  principalIds: 'notPrincipalIds',
  resourceIds: null,
  ipAddresses: 'notIpAddresses',
  userAgents: 'notUserAgents',
} as const

export type ListName = keyof typeof EXCLUDED

export const LISTS = Object.keys(EXCLUDED) as ListName[]

export const PLACES = ['included', 'excluded'] as const

export type Place = (typeof PLACES)[number]

/** All included, or all excluded, values. */
export function valuesOf(view: View, name: ListName, place: Place): readonly string[] {
  const list = place === 'included' ? name : EXCLUDED[name]
  return list === null ? [] : view[list]
}

export function placeOf(view: View, name: ListName, value: string): Place | 'neither' {
  return PLACES.find(place => valuesOf(view, name, place).includes(value)) ?? 'neither'
}

/** The change of the view that puts the values only there. */
export function placed(
  view: View,
  name: ListName,
  values: readonly string[],
  place: Place | 'neither',
): Partial<View> {
  const listed = (list: Place) => {
    const before = valuesOf(view, name, list)
    return list === place
      ? [...new Set([...before, ...values])]
      : before.filter(value => !values.includes(value))
  }
  const excluded = EXCLUDED[name]
  return { [name]: listed('included'), ...(excluded && { [excluded]: listed('excluded') }) }
}

/** The API's filter; `last` counts back from `now`, in milliseconds. */
export function filterOf(view: View, now: number): EventFilter {
  const not = listsOf(view, 'excluded')
  return {
    ...datesOf(view, now),
    ...listsOf(view, 'included'),
    ...(Object.keys(not).length > 0 && { not }),
  }
}

/** The dates that are set. */
function datesOf({ last, createdAfter, createdBefore }: View, now: number) {
  if (last !== null) return { createdAfter: new Date(now - SPANS[last]).toISOString() }
  return {
    ...(createdAfter !== null && { createdAfter }),
    ...(createdBefore !== null && { createdBefore }),
  }
}

/** The lists that are not empty, by the names of those that include. */
export function listsOf(view: View, place: Place): Partial<Pick<View, ListName>> {
  const lists = LISTS.map(name => [name, valuesOf(view, name, place)] as const)
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0))
}

/** The same filter as parameters of `/export/`. */
export function exportParameters(view: View, now: number): [string, string][] {
  const excluded = Object.values(EXCLUDED).filter(name => name !== null)
  return [...Object.entries(datesOf(view, now)), ...parametersOf(view, [...LISTS, ...excluded])]
}

/** The part of a view that is saved: without the Organization and display settings. */
export function pageQueryOf(view: View): string {
  return writeView({ ...view, ...PLAIN, organizationId }).slice(1)
}

/** The content of a saved view, as a change of the current view. */
export function shownBy({ name, pageQuery }: { name: string; pageQuery: string }): Partial<View> {
  const { organizationId, live, utc, relative, ...shown } = readView(pageQuery).view
  return { ...shown, eventId: null, savedView: name }
}
