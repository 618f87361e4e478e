// Routes of one Organization's log, which its ID in the path names: exports and feeds. The filter of events is in the
// query parameters.

import { InputError, quoted } from '../../errors.ts'
import { canonicalId } from '../../id.ts'
import { FILTER_NAMES, type FilterName, filterFromTexts } from '../../schema/filter-text.ts'
import type { AuditStore } from '../../store.ts'
import { visibilityOf } from '../../visibility.ts'
import { HttpError, whileConnected } from '../http-error.ts'
import { type Plugin, viewerOf } from '../request-context.ts'
import { answering, type RouteRequest } from './route.ts'

/** Everything below a path; `rest` is the remaining path. */
export function routeBelow(
  path: string,
  answer: (request: RouteRequest & { readonly rest: string }) => Promise<Response>,
): Plugin {
  return {
    onRequest: answering(request => {
      const { pathname } = request.url
      if (!pathname.startsWith(path)) return undefined
      return answer({ ...request, rest: pathname.slice(path.length) })
    }),
  }
}

/**
 * The Organization, if the viewer may see its events, with its ID in canonical form. A hidden one is refused like one
 * that does not exist.
 */
export async function openLog({ request, context }: RouteRequest, store: AuditStore, id: string) {
  const viewer = viewerOf(context)
  const log = store.reader(visibilityOf(viewer), whileConnected(request))
  const [organization] = await log.organizationsById([canonicalId(id)])
  if (organization) return { viewer, log, organizationId: organization.id }
  throw new HttpError(
    404,
    `Organization ${quoted(id)} was not found among those whose events you may see; \`organizations\` in the graph lists them`,
    { denied: { reason: 'hidden_organization', requested: id } },
  )
}

/**
 * Accepts the filter and these names, each of these at most once. An unknown parameter is refused: it is probably
 * misspelt, and an export or feed without the intended filter would look correct.
 */
export function parametersIn<Name extends string>(query: URLSearchParams, names: readonly Name[]) {
  const known: readonly string[] = [...FILTER_NAMES, ...names]
  for (const name of query.keys()) {
    if (known.includes(name)) continue
    throw new InputError(
      `${quoted(name)} is not a parameter; the parameters are ${known.join(', ')}`,
    )
  }
  const texts: Partial<Record<FilterName, string[]>> = {}
  for (const name of FILTER_NAMES) if (query.has(name)) texts[name] = query.getAll(name)
  return {
    filter: filterFromTexts(texts),
    /** The filter as the client wrote it. */
    texts,
    /** `null` if it is not given. */
    value(name: Name): string | null {
      const [one = null, another] = query.getAll(name)
      if (another === undefined) return one
      throw new InputError(`${name} was given several times; give it once`)
    },
  }
}
