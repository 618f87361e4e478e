// GET /export/{organizationId}.ndjson, .csv and .ocsf.ndjson: an Organization's events as a file, sent as fast as the
// client reads. If the client reads nothing for long, its rights change, or an error occurs, the transfer is aborted
// without a trailer, so that nobody takes the file for complete.

import { type Audit, cutShort, type ExportRecord } from '../../audit-record.ts'
import { canonicalId } from '../../id.ts'
import type { FilterTexts } from '../../schema/filter-text.ts'
import type { AuditStore } from '../../store.ts'
import { exportEvents } from '../../transfer/export.ts'
import { EXPORT_FORMATS, exportForm, FORM_NAMES } from '../../transfer/export-formats.ts'
import { codingFor, compressed } from '../compression.ts'
import { clientError } from '../error-answers.ts'
import { ClientGone, HttpError } from '../http-error.ts'
import type { Rates } from '../rates.ts'
import { askerOf, type Plugin } from '../request-context.ts'
import type { Source, StreamLimits, Streams } from '../streams.ts'
import { openLog, parametersIn, routeBelow } from './log-route.ts'

export const EXPORT_LIMITS: StreamLimits = {
  recheck: 2_000,
  patience: 60_000,
  most: 20,
  mostOfViewer: 5,
}

/** `base`: see `AppOptions`. */
export function useExports(
  store: AuditStore,
  base: string,
  exports: Streams,
  rates: Rates,
  audit: Audit,
): Plugin {
  return routeBelow('/export/', async (route): Promise<Response> => {
    const { request, url, context, server, rest } = route
    const format = EXPORT_FORMATS.find(({ extension }) => rest.endsWith(extension))
    if (format === undefined) {
      const names = EXPORT_FORMATS.map(({ extension }) => `${base}/export/ORGANIZATION${extension}`)
      throw new HttpError(404, `path not found; exports are at ${names.join(', ')}`)
    }
    const parameters = parametersIn(url.searchParams, ['snapshot', 'after', ...FORM_NAMES])
    const form = exportForm(format, parameters.value)
    const name = rest.slice(0, -format.extension.length)
    const { viewer, log, organizationId } = await openLog(route, store, name)
    const [given, after] = [parameters.value('snapshot'), parameters.value('after')]
    if (after !== null && given === null) {
      throw new HttpError(
        400,
        'after requires snapshot; use the one in the Content-Location of the first response',
      )
    }
    const snapshot = given === null ? await log.lastArrival(organizationId) : canonicalId(given)
    const coding = codingFor(request)
    const headers = {
      'content-type': format.mediaType,
      'content-disposition': `attachment; filename="iam-logs-${organizationId}${format.extension}"`,
      // Relative, because a proxy may add a path.
      'content-location': `?${withSnapshot(url.searchParams, snapshot)}`,
      'cache-control': 'no-store',
      vary: 'Accept-Encoding',
      ...(coding !== null && { 'content-encoding': coding }),
      // Proxies must not buffer it.
      'x-accel-buffering': 'no',
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    exports.check(context)
    let events = 0
    let due = 0
    const record = (outcome: Pick<ExportRecord, 'event' | 'complete' | 'events'>) =>
      audit({
        ...{ ...outcome, ...askerOf(context), organizationId, format: format.name },
        ...{ filter: shortened(parameters.texts), snapshot, after },
      })
    const chunks = exportEvents(
      log,
      { organizationId, filter: parameters.filter, ...form, snapshot },
      {
        after: after === null ? null : canonicalId(after),
        progress(count) {
          due += count - events
          events = count
        },
      },
    )
    // Errors before the first chunk become a response with a status.
    let next = await chunks.next()
    const pay = (points: number) => rates.wait(viewer.id, points)
    // Each event costs a point; without enough points the next ones are delayed.
    async function* paced(): Source['chunks'] {
      for (;;) {
        const points = due
        due = 0
        await pay(points)
        const { done, value } = next
        if (done === true) return
        yield () => value
        next = await chunks.next()
      }
    }
    const source: Source = {
      chunks: coding === null ? paced() : compressed(paced(), coding, pay),
      lastChunk(error) {
        if (error === undefined) return ''
        // Only for the log.
        if (!(error instanceof ClientGone)) clientError(error, context)
        return null
      },
      ended(isComplete) {
        chunks.return().catch(() => {})
        record({ event: 'export_ended', complete: isComplete, events })
      },
    }
    const response = exports.respond(source, headers, server, request.signal)
    record({ event: 'export_began' })
    return response
  })
}

/** UTF-16 units in an audit record: a list of 100 IDs. */
const MAX_FILTER_TEXT = 4_000

function shortened(texts: FilterTexts): ExportRecord['filter'] {
  const short = (text: string) => cutShort(text, MAX_FILTER_TEXT)
  return Object.fromEntries(Object.entries(texts).map(([name, given]) => [name, given.map(short)]))
}

function withSnapshot(given: URLSearchParams, snapshot: string): URLSearchParams {
  const query = new URLSearchParams(given)
  query.delete('after')
  query.set('snapshot', snapshot)
  return query
}
