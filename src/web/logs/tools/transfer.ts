// A file as it comes from the server to the viewer's disk. A file counts as whole when the transfer has an end and its
// last line says so (the export's trailer); of anything less nothing is kept. That line is for this page alone: who opens
// the file is not shown it.

import { effect, signal } from '@preact/signals'
import { Refused, send, Unreachable } from '../api/ask.ts'
import { account } from '../api/session.ts'
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
  if (account.value === null) cancel()
  if (transfer.peek()?.state !== 'running') transfer.value = null
})

export function cancel(): void {
  stopping.abort()
}

/** What is to be downloaded. */
export interface Wanted {
  readonly organizationId: string
  /** Without its ending. */
  readonly name: string
  readonly format: Format
  readonly parameters: readonly [string, string][]
}

/** To be called from a click, as the browser may ask where to. Nothing happens while another is under way. */
export async function begin({ organizationId, name, format, parameters }: Wanted): Promise<void> {
  if (underWay()) return
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson'
  const sink = await openSink(`${name}.${format}`, type)
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
  /** What came last and is not written yet, as it may be the trailer or a part of it. */
  let held = new Uint8Array()
  try {
    const { body } = await send(path, stopped)
    if (body === null) throw new TypeError('an answer without a body')
    let told = 0
    for await (const chunk of chunksOf(body)) {
      bytes += chunk.length
      const come = joined(held, chunk)
      const sure = Math.max(0, come.length - LONGEST_TRAILER)
      if (sure > 0) await sink.write(come.slice(0, sure))
      held = come.slice(sure)
      if (performance.now() - told < 100) continue
      transfer.value = { state: 'running', bytes }
      told = performance.now()
    }
    const trailer = trailerIn(held, format)
    if (trailer === null) throw new TypeError('no trailer')
    await sink.write(held.slice(0, trailer.from))
    await sink.keep()
    return { state: 'whole', bytes: bytes - held.length + trailer.from, events: trailer.events }
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

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

/** Where the last line begins, and how many events it says there are; `null` where it says nothing, as the file is not
 *  whole. */
function trailerIn(end: Uint8Array, format: Format): { from: number; events: number } | null {
  const trailer =
    format === 'csv'
      ? /(?<=\r\n)#end[,;]events=(\d+)[,;][^\r\n]*[,;]sha256=[0-9a-f]{64}\r\n$/
      : /(?<=^|\n)\{"iam_logs_export":\{[^\n]*"events":(\d+),[^\n]*"sha256":"[0-9a-f]{64}"\}\}\n$/
  // One sign a byte, so that places are the same.
  const found = trailer.exec(new TextDecoder('latin1').decode(end))
  return found === null ? null : { from: found.index, events: Number(found[1]) }
}
