// GET /export/{organizationId}.ndjson, .csv and .ocsf.ndjson: an Organization's events as a file, sent as fast as
// the client takes it. Who takes nothing for long, whose rights change, and where something fails, is cut off: the
// trailer is missing then, and the transfer has no end, so nobody takes it for whole.

import { type Audit, cutShort, type ExportTold } from '../../audit-record.ts'
import { Refusal } from '../../errors.ts'
import { FILTER_NAMES } from '../../graph/filter-text.ts'
import { canonicalId } from '../../id.ts'
import type { AuditStore } from '../../store.ts'
import { exportEvents } from '../../transfer/export.ts'
import { EXPORT_FORMATS, exportForm, FORM_NAMES } from '../../transfer/export-formats.ts'
import { visibilityOf } from '../../visibility.ts'
import { lastingResponse } from '../lasting.ts'
import type { Rates } from '../rates.ts'
import { HttpRefusal, HungUp, type ReportFault, whileThere } from '../refusal.ts'
import { askerOf, type Plugin, viewerOf } from '../request-context.ts'
import { noOrganization, visibleOrganization } from './organization.ts'
import { parametersIn } from './parameters.ts'
import { type Answering, type Asked, routeBelow } from './route.ts'

/** Times in milliseconds. */
export interface ExportLimits {
  /** How long a change of rights may go unnoticed. */
  readonly recheck: number
  /** How long a client is waited for that takes nothing. */
  readonly patience: number
  /** How many are under way at once, in this process. */
  readonly most: number
  /** How many of them one viewer may have. */
  readonly mostOfViewer: number
}

export const EXPORT_LIMITS: ExportLimits = {
  recheck: 2_000,
  patience: 60_000,
  most: 20,
  mostOfViewer: 5,
}

export interface ExportOptions {
  readonly store: AuditStore
  readonly limits: ExportLimits
  readonly rates: Rates
  readonly report: ReportFault
  readonly audit: Audit
}

export function useExports(options: ExportOptions, answering: Answering): Plugin {
  return routeBelow('/export/', createExports(options), answering)
}

function createExports({ store, limits, rates, report, audit }: ExportOptions) {
  /** The viewers' IDs, one for each that is under way. */
  const open: string[] = []

  return async ({ request, url, context, server }: Asked): Promise<Response> => {
    const viewer = viewerOf(context)
    const name = url.pathname.slice('/export/'.length)
    const format = EXPORT_FORMATS.find(({ extension }) => name.endsWith(extension))
    if (format === undefined) {
      const names = EXPORT_FORMATS.map(({ extension }) => `/export/ORGANIZATION${extension}`)
      throw new HttpRefusal(
        404,
        'BAD_USER_INPUT',
        `nothing is here; exports are ${names.join(', ')}`,
      )
    }
    const parameters = parametersIn(url.searchParams, ['snapshot', 'after', ...FORM_NAMES])
    const form = exportForm(format, parameters.value)
    const log = store.reader(visibilityOf(viewer), whileThere(request))
    const asked = name.slice(0, -format.extension.length)
    const organizationId = await visibleOrganization(log, asked)
    if (organizationId === null) throw noOrganization(asked)
    const [given, after] = [parameters.value('snapshot'), parameters.value('after')]
    if (after !== null && given === null) {
      throw new Refusal(
        'BAD_USER_INPUT',
        'after needs the snapshot it goes on in: ask for what the Content-Location of the first answer names',
      )
    }
    const snapshot = given === null ? await log.lastArrival(organizationId) : canonicalId(given)
    const headers = {
      'content-type': format.mediaType,
      'content-disposition': `attachment; filename="iam-logs-${organizationId}${format.extension}"`,
      'content-location': `${url.pathname}?${withSnapshot(url.searchParams, snapshot)}`,
      'cache-control': 'no-store',
      // No proxy may take it all and give it on by and by.
      'x-accel-buffering': 'no',
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const own = open.filter(id => id === viewer.id).length
    if (open.length >= limits.most || own >= limits.mostOfViewer) {
      throw new HttpRefusal(
        429,
        'LIMIT_EXCEEDED',
        'as many exports are under way as there may be at once; try again later',
        { headers: { 'retry-after': '60' } },
      )
    }
    let events = 0
    let due = 0
    const tell = (told: Pick<ExportTold, 'event' | 'whole' | 'events'>) =>
      audit({
        ...{ ...told, ...askerOf(context), organizationId, format: format.name },
        ...{ filter: filterTexts(url.searchParams), snapshot, after },
      })
    open.push(viewer.id)
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
    const over = () => {
      open.splice(open.indexOf(viewer.id), 1)
      chunks.return().catch(() => {})
    }
    try {
      // What cannot be exported is refused before it is promised.
      const first = await chunks.next()
      tell({ event: 'export_began' })
      const body = streamOf(first, chunks, {
        limits,
        async recheck() {
          await context.recheck()
        },
        async pay() {
          const points = due
          due = 0
          await rates.wait(viewer.id, points)
        },
        reportFault: error => report(error, context.requestId),
        ended(whole) {
          over()
          tell({ event: 'export_ended', whole, events })
        },
        hangUp: server.hangUp ?? (() => server.res?.destroy()),
      })
      return lastingResponse(body, headers, server, request.signal)
    } catch (error) {
      over()
      throw error
    }
  }
}

/** Of a list of 100 IDs in a record, in UTF-16 units. */
const LONGEST_LIST = 4_000

/** As the client wrote them, which `parametersIn` has understood. */
function filterTexts(query: URLSearchParams): ExportTold['filter'] {
  const given = FILTER_NAMES.filter(name => query.has(name))
  return Object.fromEntries(
    given.map(name => [name, query.getAll(name).map(text => cutShort(text, LONGEST_LIST))]),
  )
}

function withSnapshot(given: URLSearchParams, snapshot: string): URLSearchParams {
  const query = new URLSearchParams(given)
  query.delete('after')
  query.set('snapshot', snapshot)
  return query
}

interface Streaming {
  readonly limits: ExportLimits
  readonly reportFault: ReportFault
  recheck(): Promise<void>
  /** Each event costs a point; who cannot pay gets the next ones later. */
  pay(): Promise<void>
  /** Called once, however it ends. */
  ended(whole: boolean): void
  hangUp(): void
}

/** Holds nothing: a chunk is made when the one before is taken. */
function streamOf(
  first: IteratorResult<Buffer, void>,
  chunks: AsyncGenerator<Buffer, void, void>,
  { limits, reportFault, recheck, pay, ended, hangUp }: Streaming,
): ReadableStream<Uint8Array> {
  let ready: IteratorResult<Buffer, void> | null = first
  let waiting: NodeJS.Timeout | undefined
  let checked = performance.now()
  let over = false

  function end(whole = false): void {
    if (over) return
    over = true
    clearTimeout(waiting)
    ended(whole)
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(waiting)
        try {
          if (performance.now() - checked > limits.recheck) {
            await recheck()
            checked = performance.now()
          }
          const { done, value } = ready ?? (await chunks.next())
          await pay()
          ready = null
          if (over) return
          if (done === true) {
            end(true)
            controller.close()
            return
          }
          controller.enqueue(value)
          waiting = setTimeout(() => {
            end()
            controller.error(new Error('the client took nothing for too long'))
            hangUp()
          }, limits.patience)
        } catch (error) {
          if (over) return
          end()
          if (!(error instanceof Refusal || error instanceof HungUp)) reportFault(error)
          throw error
        }
      },
      cancel: () => end(),
    },
    { highWaterMark: 0 },
  )
}
