// What can be filtered by of what somebody types, by kind: people first, then applications and whoever else acted,
// resources, addresses and clients.

import { type QueryClient, queryOptions } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { SuggestDocument, type SuggestQuery } from '../api/documents.ts'
import { asFilter, clientOf } from '../parts/client.ts'
import { words as common } from '../parts/parts.words.ts'
import { nameOf, shortId } from '../parts/principal.tsx'
import { type Found, KINDS, type Kind } from './added.ts'
import { words } from './filters.words.ts'
import { typedAs } from './typed.ts'

export interface Suggestion extends Found {
  readonly kind: Kind
  readonly label: string
  /** What tells it from others of the same name. */
  readonly detail: string | null
  /** How many events it has, where somebody counted. */
  readonly count: number | null
}

/** So many of each kind. */
const FIRST = 5

/** As many characters as the graph searches for. */
const LONGEST = 256

/** The answer to what is typed, of one Organization. */
export function suggestionsFor(organizationId: string, search: string) {
  return queryOptions({
    queryKey: ['suggest', organizationId, search],
    queryFn: ({ signal }) =>
      ask(
        SuggestDocument,
        { organizationId, search: search.slice(0, LONGEST), first: FIRST },
        signal,
      ),
  })
}

/** In the order in which they are offered. */
export function suggestionsIn(text: string, answer: SuggestQuery | undefined): Suggestion[] {
  const typed = typedAs(text)
  if (typed.kind === 'addresses')
    return [ofAddresses(typed.values), ...ofKnown(answer, typed.values)]
  return typed.kind === 'text' && typed.text !== '' ? found(typed.text, answer) : []
}

function ofAddresses(values: readonly string[]): Suggestion {
  const detail = values.some(value => value.includes('/')) ? words().inBlock : null
  return {
    kind: 'addresses',
    to: 'ipAddresses',
    values,
    label: values.join(', '),
    detail,
    count: null,
  }
}

/** Addresses there are that begin as it does, but not those that are typed. */
function ofKnown(answer: SuggestQuery | undefined, but: readonly string[]): Suggestion[] {
  return (answer?.organization?.ipAddresses ?? []).flatMap(({ ipAddress, count }) =>
    ipAddress === null || but.includes(ipAddress) ? [] : [{ ...ofAddresses([ipAddress]), count }],
  )
}

function found(text: string, answer: SuggestQuery | undefined): Suggestion[] {
  const { principals, resources = [], userAgents = [] } = answer?.organization ?? {}
  const { categories } = common()
  const t = words()
  const suggested = [
    ...(principals?.nodes ?? []).map((principal): Suggestion => {
      const { __typename, principalId } = principal
      return {
        kind: KIND_OF[__typename],
        ...{ to: 'principalIds', values: [principalId], label: nameOf(principal), count: null },
        detail: 'email' in principal ? principal.email : shortId(principalId),
      }
    }),
    ...resources.map(({ resourceId, category, name }): Suggestion => {
      const detail = [categories[category], ...(name === null ? [] : [shortId(resourceId)])]
      return {
        ...{ kind: 'resources', to: 'resourceIds', values: [resourceId], count: null },
        ...{ label: name ?? resourceId, detail: detail.join(' · ') },
      }
    }),
    ...ofKnown(answer, []),
    ...(userAgents.length < 2 ? [] : [ofClient(text, t.containing(text), null, null)]),
    ...userAgents.flatMap(({ userAgent, count }) =>
      userAgent ? [ofClient(asFilter(userAgent), clientOf(userAgent), userAgent, count)] : [],
    ),
  ]
  return KINDS.flatMap(kind => suggested.filter(one => one.kind === kind))
}

function ofClient(
  value: string,
  label: string,
  detail: string | null,
  count: number | null,
): Suggestion {
  return { kind: 'clients', to: 'userAgents', values: [value], label, detail, count }
}

const KIND_OF = {
  User: 'people',
  Application: 'applications',
  UnknownPrincipal: 'others',
  ScalewayPrincipal: 'others',
} as const

/** Each ID as what is known of it: a principal, or a resource. Throws, in words for the viewer, where one is neither. */
export async function known(
  queries: QueryClient,
  organizationId: string,
  ids: readonly string[],
): Promise<Found[]> {
  return Promise.all(
    ids.map(async id => {
      const answer = await queries.fetchQuery(suggestionsFor(organizationId, id))
      const [first] = suggestionsIn(id, answer)
      if (first !== undefined) return first
      throw new RangeError(words().nothingFound(id))
    }),
  )
}
