// Everything the page shows, and its form in the address: a link shows others the same. Filters have the same names as
// in the API and in exports.

import type { EventAction, EventCategory, EventFilter } from '../api/page-documents.ts'

export interface View {
  /** `null`: the first that the viewer may see. */
  readonly organizationId: string | null
  /** The principal whose page is shown; `null` for the list of all events. */
  readonly principalId: string | null
  /** The event whose details are shown; `null` for none. */
  readonly eventId: string | null
  /** The period up to now; takes precedence over the two dates. */
  readonly last: Span | null
  /** Included. In RFC 3339, like `createdBefore`. */
  readonly createdAfter: string | null
  /** Excluded. */
  readonly createdBefore: string | null
  readonly actions: readonly EventAction[]
  readonly categories: readonly EventCategory[]
  readonly principalIds: readonly string[]
  readonly resourceIds: readonly string[]
  /** Addresses and blocks. */
  readonly ipAddresses: readonly string[]
  /** Texts; a user agent must contain one of them. */
  readonly userAgents: readonly string[]
  readonly notActions: readonly EventAction[]
  readonly notCategories: readonly EventCategory[]
  readonly notPrincipalIds: readonly string[]
  readonly notIpAddresses: readonly string[]
  readonly notUserAgents: readonly string[]
  /** The name of the saved view that is shown, possibly with changes. */
  readonly savedView: string | null
  readonly oldestFirst: boolean
  /** Whether new events are added as they arrive. */
  readonly live: boolean
  /** Dates in UTC, otherwise in the viewer's time zone. */
  readonly utc: boolean
  /** Dates such as "5 minutes ago". */
  readonly relative: boolean
  /** The hidden columns of the list. */
  readonly hidden: readonly Column[]
}

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

export type Place = 'included' | 'excluded'

/** All included, or all excluded, values. */
export function valuesOf(view: View, name: ListName, place: Place): readonly string[] {
  const list = place === 'included' ? name : EXCLUDED[name]
  return list === null ? [] : view[list]
}

/** No condition on events. */
export const NO_FILTER = {
  last: null,
  createdAfter: null,
  createdBefore: null,
  actions: [],
  categories: [],
  principalIds: [],
  resourceIds: [],
  ipAddresses: [],
  userAgents: [],
  notActions: [],
  notCategories: [],
  notPrincipalIds: [],
  notIpAddresses: [],
  notUserAgents: [],
  savedView: null,
} as const satisfies Partial<View>

export const EVERYTHING: View = {
  organizationId: null,
  principalId: null,
  eventId: null,
  ...NO_FILTER,
  oldestFirst: false,
  live: false,
  utc: false,
  relative: false,
  hidden: [],
}

/** The view that a query string describes, and the names in it that are not valid. */
export function readView(search: string): { view: View; unknown: string[] } {
  const given = new URLSearchParams(search)
  const unknown = new Set(given.keys())
  const text = (name: string) => {
    const value = given.get(name)
    if (value !== null) unknown.delete(name)
    return value === '' ? null : value
  }
  const texts = (name: string) => {
    unknown.delete(name)
    return [...new Set(given.getAll(name))].filter(Boolean)
  }
  const list = (name: string) => [
    ...new Set(texts(name).flatMap(value => value.split(',').filter(Boolean))),
  ]
  function among<Value extends string>(name: string, values: readonly Value[]): Value[] {
    const named = list(name)
    const found = values.filter(value => named.includes(value))
    if (found.length < named.length) unknown.add(name)
    return found
  }
  function date(name: string): string | null {
    const value = text(name)
    if (value === null || !Number.isNaN(Date.parse(value))) return value
    unknown.add(name)
    return null
  }
  const view: View = {
    organizationId: text('organization'),
    principalId: text('principal'),
    eventId: text('event'),
    last: among('last', Object.keys(SPANS) as Span[])[0] ?? null,
    createdAfter: date('createdAfter'),
    createdBefore: date('createdBefore'),
    actions: among('actions', ACTIONS),
    categories: among('categories', CATEGORIES),
    principalIds: list('principalIds'),
    resourceIds: list('resourceIds'),
    ipAddresses: list('ipAddresses'),
    // User agents contain commas. The singular name is from older links, which had only one.
    userAgents: [...new Set([...texts('userAgent'), ...texts('userAgents')])],
    notActions: among('notActions', ACTIONS),
    notCategories: among('notCategories', CATEGORIES),
    notPrincipalIds: list('notPrincipalIds'),
    notIpAddresses: list('notIpAddresses'),
    notUserAgents: texts('notUserAgents'),
    savedView: text('view'),
    oldestFirst: among('order', ['oldest']).length > 0,
    live: among('live', ['yes']).length > 0,
    utc: among('zone', ['utc']).length > 0,
    relative: among('dates', ['relative']).length > 0,
    hidden: among('hide', COLUMNS),
  }
  return { view, unknown: [...unknown] }
}

/** The query string of a view, empty for `EVERYTHING`; equal views have equal query strings. */
export function writeView(view: View): string {
  const given = new URLSearchParams()
  const put = (name: string, value: string | null) => value !== null && given.set(name, value)
  put('organization', view.organizationId)
  put('principal', view.principalId)
  put('last', view.last)
  for (const [name, value] of exportParameters({ ...view, last: null }, 0))
    given.append(name, value)
  put('order', view.oldestFirst ? 'oldest' : null)
  put('live', view.live ? 'yes' : null)
  put('zone', view.utc ? 'utc' : null)
  put('dates', view.relative ? 'relative' : null)
  put('hide', view.hidden.join() || null)
  put('event', view.eventId)
  put('view', view.savedView)
  // Unescaped, for readable addresses.
  const text = given.toString().replaceAll('%3A', ':').replaceAll('%2C', ',')
  return text === '' ? '' : `?${text}`
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
function datesOf(view: View, now: number): Pick<EventFilter, 'createdAfter' | 'createdBefore'> {
  const { last } = view
  const from = last === null ? view.createdAfter : new Date(now - SPANS[last]).toISOString()
  const until = last === null ? view.createdBefore : null
  return {
    ...(from !== null && { createdAfter: from }),
    ...(until !== null && { createdBefore: until }),
  }
}

/** The lists that are not empty. */
function listsOf(view: View, place: Place): Partial<Pick<View, ListName>> {
  const lists = LISTS.map(name => [name, valuesOf(view, name, place)] as const)
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0))
}

/** The same filter as parameters of `/export/`. */
export function exportParameters(view: View, now: number): [string, string][] {
  const dates = Object.entries(datesOf(view, now))
  const excluded = Object.values(EXCLUDED).filter(name => name !== null)
  const lists = [...LISTS, ...excluded].flatMap(name => {
    // User agents contain commas.
    const values =
      name === 'userAgents' || name === 'notUserAgents' ? view[name] : [view[name].join()]
    return values.filter(Boolean).map(value => [name, value] as const)
  })
  return [...dates, ...lists].map(([name, value]) => [name, String(value)])
}

/** The part of a view that is saved: without the Organization and display settings. */
export function pageQueryOf(view: View): string {
  const { organizationId, eventId, live, utc, relative, savedView } = EVERYTHING
  const kept = { ...view, organizationId, eventId, live, utc, relative, savedView }
  return writeView(kept).slice(1)
}

/** The content of a saved view, as a change of the current view. */
export function shownBy({ name, pageQuery }: { name: string; pageQuery: string }): Partial<View> {
  const { view } = readView(pageQuery)
  const { organizationId: _, live: __, utc: ___, relative: ____, ...shown } = view
  return { ...shown, eventId: null, savedView: name }
}
