// The filters that a typed text can become: people first, then applications and other principals, resources, addresses
// and clients.

import { type QueryClient, queryOptions } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { SuggestDocument, type SuggestQuery } from '../api/page-documents.ts'
import { asFilter, clientOf } from '../parts/client-name.ts'
import { words as common } from '../parts/parts.words.ts'
import { nameOf, shortId } from '../parts/shown-names.tsx'
import { typedAs } from '../parts/texts.ts'
import { placed, type View } from '../view/view.ts'
import { words as t } from './filters.words.ts'

/** In the order in which they are suggested, each with its condition. */
const KINDS = {
  people: 'principalIds',
  applications: 'principalIds',
  others: 'principalIds',
  resources: 'resourceIds',
  addresses: 'ipAddresses',
  clients: 'userAgents',
} as const

const KIND_OF = {
  User: 'people',
  Application: 'applications',
  UnknownPrincipal: 'others',
  ScalewayPrincipal: 'others',
} as const

export interface Suggestion {
  readonly kind: keyof typeof KINDS
  readonly values: readonly string[]
  readonly label: string
  /** Distinguishes it from others with the same name. */
  readonly detail?: string | null
  /** The number of its events, if counted. */
  readonly count?: number
}

/** At most this many of each kind. */
const FIRST = 5

/** The API's limit on the length of a search text. */
const LONGEST = 256

/** The pause in typing before a search starts, in milliseconds. */
const PAUSE = 150

/** The API's suggestions for a text in one Organization. */
export function suggestionsFor(organizationId: string, text: string) {
  const variables = { organizationId, search: text.slice(0, LONGEST), first: FIRST }
  return queryOptions({
    queryKey: [SuggestDocument, variables],
    // Cancelled when the text changes.
    async queryFn({ signal }) {
      await new Promise(resolve => setTimeout(resolve, PAUSE))
      signal.throwIfAborted()
      return ask(SuggestDocument, variables, signal)
    },
  })
}

/** In the order in which they are suggested. */
export function suggestionsIn(text: string, answer: SuggestQuery | undefined): Suggestion[] {
  const typed = typedAs(text)
  if (typed.kind === 'addresses')
    return [ofAddresses(typed.values), ...knownAddresses(answer, typed.values)]
  if (typed.kind !== 'text' || typed.text === '') return []
  const { principals, resources = [], userAgents = [] } = answer?.organization ?? {}
  const suggested: Suggestion[] = [
    ...(principals?.nodes ?? []).map(principal => ({
      kind: KIND_OF[principal.__typename],
      ...{ values: [principal.principalId], label: nameOf(principal) },
      detail: 'email' in principal ? principal.email : shortId(principal.principalId),
    })),
    ...resources.map(({ resourceId, category, name }) => ({
      ...{ kind: 'resources' as const, values: [resourceId], label: name ?? resourceId },
      detail: [common.categories[category], ...(name === null ? [] : [shortId(resourceId)])].join(
        ' · ',
      ),
    })),
    ...knownAddresses(answer, []),
    ...(userAgents.length < 2
      ? []
      : [{ kind: 'clients' as const, values: [typed.text], label: t.containing(typed.text) }]),
    ...userAgents.flatMap(({ userAgent, count }) => {
      if (!userAgent) return []
      const [values, label] = [[asFilter(userAgent)], clientOf(userAgent)]
      return [{ kind: 'clients' as const, values, label, detail: userAgent, count }]
    }),
  ]
  return Object.keys(KINDS).flatMap(kind => suggested.filter(one => one.kind === kind))
}

function ofAddresses(values: readonly string[]): Suggestion {
  const detail = values.some(value => value.includes('/')) ? t.inBlock : null
  return { kind: 'addresses', values, label: values.join(', '), detail }
}

/** Known addresses that begin with the text, without those that were typed. */
function knownAddresses(answer: SuggestQuery | undefined, typed: readonly string[]): Suggestion[] {
  return (answer?.organization?.ipAddresses ?? []).flatMap(({ ipAddress, count }) =>
    ipAddress === null || typed.includes(ipAddress) ? [] : [{ ...ofAddresses([ipAddress]), count }],
  )
}

/**
 * The filter for a text when no suggestion is selected: all its addresses or IDs, or the first suggestion. Rejects with
 * a `RangeError` whose message is for the viewer if nothing is found.
 */
export async function findTyped(
  queries: QueryClient,
  organizationId: string,
  text: string,
): Promise<Suggestion[]> {
  const typed = typedAs(text)
  if (typed.kind === 'wrong') throw new RangeError(common.wrongAddress(typed.word))
  if (typed.kind === 'addresses') return [ofAddresses(typed.values)]
  const texts = typed.kind === 'ids' ? typed.values : [typed.text].filter(Boolean)
  return Promise.all(
    texts.map(async text => {
      const answer = await queries.fetchQuery(suggestionsFor(organizationId, text))
      const [first] = suggestionsIn(text, answer)
      if (first === undefined) throw new RangeError(t.nothingFound(text))
      return first
    }),
  )
}

/** The view with the suggestion added to the existing conditions. */
export function withSuggested(view: View, suggested: readonly Suggestion[]): View {
  let result = view
  for (const { kind, values } of suggested)
    result = { ...result, ...placed(result, KINDS[kind], values, 'included') }
  return result
}
