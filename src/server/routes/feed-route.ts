// GET /feed/{organizationId}: new events in pages, for collectors that can only poll a URL. It is the API's `eventFeed`
// with the same cursor: each response, even an empty one, has the link to the next.

import { quoted, UserError } from '../../errors.ts'
import { FEED_START } from '../../event.ts'
import { canonicalId } from '../../id.ts'
import type { AuditStore } from '../../store.ts'
import { type EnrichedEvent, enrich } from '../../transfer/enriched-event.ts'
import type { ExportFormat } from '../../transfer/export-format.ts'
import { EXPORT_FORMATS } from '../../transfer/export-formats.ts'
import { NDJSON, rowOf } from '../../transfer/ndjson.ts'
import { HttpError } from '../http-error.ts'
import { POINTS_OF_REQUEST, type Rates } from '../rates.ts'
import { type Plugin, viewerOf } from '../request-context.ts'
import { openLog, parametersIn, routeBelow } from './log-route.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** Seconds, if no more events have arrived. */
const POLL_INTERVAL = 60

/** Each event includes its principal and the name of its resource. */
const POINTS_PER_EVENT = 3

interface FeedForm {
  readonly mediaType: string
  write(events: readonly EnrichedEvent[], cursor: string, hasMore: boolean): string
}

const JSON_FORM: FeedForm = {
  mediaType: 'application/json',
  // `logs`, as in Scaleway's own API.
  write: (events, cursor, hasMore) =>
    JSON.stringify({ logs: events.map(rowOf), cursor, has_more: hasMore }),
}

const linesOf = ({ mediaType, rows }: ExportFormat): FeedForm => ({
  mediaType,
  write: rows,
})

/** By the end of the path; otherwise by the client's Accept header. */
const FORMS: readonly (readonly [ending: string, form: FeedForm])[] = [
  ['.json', JSON_FORM],
  ...EXPORT_FORMATS.filter(({ header }) => header === '').map(
    format => [format.extension, linesOf(format)] as const,
  ),
]

export function useFeed(store: AuditStore, base: string, rates: Rates): Plugin {
  return routeBelow('/feed/', async (route): Promise<Response> => {
    const { request, url, context, Response, rest } = route
    const [ending, form] = FORMS.find(([ending]) => rest.endsWith(ending)) ?? ['', formFor(request)]
    const parameters = parametersIn(url.searchParams, ['after', 'limit'])
    const limit = limitIn(parameters.value('limit'))
    const given = parameters.value('after')
    rates.charge(viewerOf(context).id, limit * POINTS_PER_EVENT + POINTS_OF_REQUEST)
    const name = rest.slice(0, rest.length - ending.length)
    // No Organization's ID contains a dot.
    if (name.includes('.')) {
      const feeds = ['', ...FORMS.map(([ending]) => ending)]
      const names = feeds.map(ending => `${base}/feed/ORGANIZATION${ending}`)
      throw new HttpError(404, `path not found; feeds are at ${names.join(', ')}`)
    }
    const { log, organizationId } = await openLog(route, store, name)
    const after = given === null ? FEED_START : canonicalId(given)
    const page = await log.arrivals({ organizationId, filter: parameters.filter, after, limit })
    if (page === null) {
      throw new HttpError(
        400,
        `after: ${quoted(given)} is not a cursor of this Organization's feed; use the cursor of a response, an event's ID, or none to begin again`,
      )
    }
    const events = await enrich(log, organizationId, page.events)
    const next = new URLSearchParams(url.searchParams)
    next.set('after', page.cursor)
    return new Response(form.write(events, page.cursor, page.hasMore), {
      headers: {
        'content-type': form.mediaType,
        'cache-control': 'no-store',
        vary: 'Accept-Encoding',
        // Relative, because a proxy may add a path.
        link: `<?${next}>; rel="next"`,
        'x-poll-interval': page.hasMore ? '0' : String(POLL_INTERVAL),
      },
    })
  })
}

function formFor({ headers }: Request): FeedForm {
  return /\bapplication\/(x-)?ndjson\b/i.test(headers.get('accept') ?? '')
    ? linesOf(NDJSON)
    : JSON_FORM
}

function limitIn(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT
  const limit = Number(text)
  if (!/^\d{1,9}$/.test(text) || limit === 0) {
    throw new HttpError(
      400,
      `limit: ${quoted(text)} is not a valid number of events; give one from 1 to ${MAX_LIMIT}`,
    )
  }
  if (limit <= MAX_LIMIT) return limit
  throw new UserError(
    'LIMIT_EXCEEDED',
    `limit: ${limit} is more than ${MAX_LIMIT}, the largest page; ask for ${MAX_LIMIT} and follow the Link header`,
  )
}
