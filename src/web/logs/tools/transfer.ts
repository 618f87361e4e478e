// A file as it comes from the server to the viewer's disk. A file counts as whole when the transfer has an end and its
// last line says so (the export's trailer); of anything less nothing is kept.

import { effect, signal } from '@preact/signals'
import { Refused, send, Unreachable } from '../api/ask.ts'
import { token } from '../api/token.ts'
import { openSink, type Sink } from './sink.ts'

/** The ending of the file's name, as the server knows it. */
export type Format = 'csv' | 'ndjson' | 'ocsf.ndjson'

export type Transfer =
  | { readonly state: 'running'; readonly bytes: number }
  | { readonly state: 'whole'; readonly bytes: number; readonly events: number }
  | { readonly state: 'cancelled' }
  /** It broke off after so many bytes. */
  | { readonly state: 'incomplete'; readonly bytes: number }
  /** In the server's words; `null` where it did not answer. */
  | { readonly state: 'refused'; readonly message: string | null }
  /** The disk did not take it. */
  | { readonly state: 'unwritten' }

/** The one that is under way or was last; `null` before the first. It goes on whatever the page shows. */
export const transfer = signal<Transfer | null>(null)

let stopping = new AbortController()

/** Who signs out takes nothing more, and how a download of one token went is not told to the next. */
effect(() => {
  if (token.value === null) cancel()
  if (transfer.peek()?.state !== 'running') transfer.value = null
})

export function cancel(): void {
  stopping.abort()
}

/** To be called from a click, as the browser may ask where to. Nothing happens while another is under way. */
export async function begin(
  organizationId: string,
  format: Format,
  parameters: readonly [string, string][],
): Promise<void> {
  if (underWay()) return
  const name = `iam-logs-${organizationId}.${format}`
  const sink = await openSink(name, format === 'csv' ? 'text/csv' : 'application/x-ndjson')
  if (sink === null) return
  if (underWay()) return sink.discard()
  stopping = new AbortController()
  transfer.value = { state: 'running', bytes: 0 }
  const search = new URLSearchParams([...parameters, ...(format === 'csv' ? forSpreadsheet() : [])])
  const path = `export/${encodeURIComponent(organizationId)}.${format}?${search}`
  transfer.value = await take(path, format, sink, stopping.signal)
}

/** Excel takes a semicolon for the separator where numbers have a decimal comma. */
function forSpreadsheet(): [string, string][] {
  const separator = (1.5).toLocaleString().includes(',') ? ';' : ','
  return [
    ['for', 'spreadsheet'],
    ['separator', separator],
  ]
}

function underWay(): boolean {
  return transfer.value?.state === 'running'
}

async function take(
  path: string,
  format: Format,
  sink: Sink,
  stopped: AbortSignal,
): Promise<Transfer> {
  let bytes = 0
  let end = new Uint8Array()
  try {
    const { body } = await send(path, stopped)
    if (body === null) throw new TypeError('an answer without a body')
    let told = 0
    for await (const chunk of chunksOf(body)) {
      await sink.write(chunk)
      bytes += chunk.length
      end = lastOf(end, chunk)
      if (performance.now() - told < 100) continue
      transfer.value = { state: 'running', bytes }
      told = performance.now()
    }
    const events = eventsByTrailer(new TextDecoder().decode(end), format)
    if (events === null) throw new TypeError('no trailer')
    await sink.keep()
    return { state: 'whole', bytes, events }
  } catch (error) {
    await sink.discard()
    if (stopped.aborted) return { state: 'cancelled' }
    if (error instanceof Refused) return { state: 'refused', message: error.message }
    if (error instanceof Unreachable) return { state: 'refused', message: error.message || null }
    return error instanceof DOMException ? { state: 'unwritten' } : { state: 'incomplete', bytes }
  }
}

/** Not every browser can loop over a stream. */
async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

/** In bytes; a trailer is a tenth of it. */
const LONGEST_TRAILER = 4_096

function lastOf(end: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = Math.max(0, LONGEST_TRAILER - chunk.length)
  const kept = from === 0 ? new Uint8Array() : end.slice(-from)
  const last = chunk.slice(-LONGEST_TRAILER)
  const joined = new Uint8Array(kept.length + last.length)
  joined.set(kept)
  joined.set(last, kept.length)
  return joined
}

/** How many events the last line says there are; `null` where it says nothing, as the file is not whole. */
function eventsByTrailer(end: string, format: Format): number | null {
  const trailer =
    format === 'csv'
      ? /\r\n#end[,;]events=(\d+)[,;][^\r\n]*[,;]sha256=[0-9a-f]{64}\r\n$/
      : /(?:^|\n)\{"iam_logs_export":\{[^\n]*"events":(\d+),[^\n]*"sha256":"[0-9a-f]{64}"\}\}\n$/
  const events = trailer.exec(end)?.[1]
  return events === undefined ? null : Number(events)
}
