// What the page shows, whole, and how it stands in the address: a link shows a colleague the same. Filters have
// the names they have in the graph and in exports.

import type { EventAction, EventCategory, EventFilter } from '../api/page-documents.ts'

export interface View {
  /** `null`: the first the viewer may see. */
  readonly organizationId: string | null
  /** Whose page is shown; `null`: the list of all. */
  readonly principalId: string | null
  /** Which event is shown with all that is known of it; `null` for none. */
  readonly eventId: string | null
  /** The time up to now; goes before the two dates. */
  readonly last: Span | null
  /** Included. By RFC 3339, as `createdBefore`. */
  readonly createdAfter: string | null
  /** Excluded. */
  readonly createdBefore: string | null
  readonly actions: readonly EventAction[]
  readonly categories: readonly EventCategory[]
  readonly principalIds: readonly string[]
  readonly resourceIds: readonly string[]
  /** And blocks. */
  readonly ipAddresses: readonly string[]
  /** Texts of which a user agent contains any. */
  readonly userAgents: readonly string[]
  readonly notActions: readonly EventAction[]
  readonly notCategories: readonly EventCategory[]
  readonly notPrincipalIds: readonly string[]
  readonly notIpAddresses: readonly string[]
  readonly notUserAgents: readonly string[]
  /** The name of the saved view that this is, or was before something was changed. */
  readonly savedView: string | null
  readonly oldestFirst: boolean
  /** Whether new events come in by themselves. */
  readonly live: boolean
  /** Dates in UTC, otherwise in the viewer's own time zone. */
  readonly utc: boolean
  /** Dates as "5 minutes ago". */
  readonly relative: boolean
  /** The columns of the list that are not shown. */
  readonly hidden: readonly Column[]
}

/** The columns of the list that need not be there. */
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

/** The list that excludes what the other includes; `null` where nothing does. */
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

/** Every value that is included, or excluded. */
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

/** The view a query string tells, and the names in it that mean nothing here. */
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
    // There are commas in them. The first name is that of links from before there could be several.
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

/** The query string of a view, empty for `EVERYTHING`: equal views have equal ones. */
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
  // As they stand in addresses that people read.
  const text = given.toString().replaceAll('%3A', ':').replaceAll('%2C', ',')
  return text === '' ? '' : `?${text}`
}

/** The filter of the graph; `last` counts back from `now`, in milliseconds. */
export function filterOf(view: View, now: number): EventFilter {
  const not = listsOf(view, 'excluded')
  return {
    ...datesOf(view, now),
    ...listsOf(view, 'included'),
    ...(Object.keys(not).length > 0 && { not }),
  }
}

/** Those that are set. */
function datesOf(view: View, now: number): Pick<EventFilter, 'createdAfter' | 'createdBefore'> {
  const { last } = view
  const from = last === null ? view.createdAfter : new Date(now - SPANS[last]).toISOString()
  const until = last === null ? view.createdBefore : null
  return {
    ...(from !== null && { createdAfter: from }),
    ...(until !== null && { createdBefore: until }),
  }
}

/** Those that are not empty. */
function listsOf(view: View, place: Place): Partial<Pick<View, ListName>> {
  const lists = LISTS.map(name => [name, valuesOf(view, name, place)] as const)
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0))
}

/** The same filter as `/export/` takes it. */
export function exportParameters(view: View, now: number): [string, string][] {
  const dates = Object.entries(datesOf(view, now))
  const excluded = Object.values(EXCLUDED).filter(name => name !== null)
  const lists = [...LISTS, ...excluded].flatMap(name => {
    // There are commas in user agents.
    const values =
      name === 'userAgents' || name === 'notUserAgents' ? view[name] : [view[name].join()]
    return values.filter(Boolean).map(value => [name, value] as const)
  })
  return [...dates, ...lists].map(([name, value]) => [name, String(value)])
}

/** What is kept of a view under a name: not whose log it is, nor how and where the viewer reads it. */
export function pageQueryOf(view: View): string {
  const { organizationId, eventId, live, utc, relative, savedView } = EVERYTHING
  const kept = { ...view, organizationId, eventId, live, utc, relative, savedView }
  return writeView(kept).slice(1)
}

/** What a saved view shows, as a change of what is shown. */
export function shownBy({ name, pageQuery }: { name: string; pageQuery: string }): Partial<View> {
  const { view } = readView(pageQuery)
  const { organizationId: _, live: __, utc: ___, relative: ____, ...shown } = view
  return { ...shown, eventId: null, savedView: name }
}
