// Downloads an export to the viewer's disk. The file is complete if the transfer ended and its last line is the
// export's trailer; otherwise nothing is kept. The trailer is removed from the file.

import { effect, signal } from '@preact/signals'
import { Refused, send } from '../api/ask.ts'
import { account } from '../api/session.ts'
import { timeZone } from '../dates.ts'
import { locale } from '../language.ts'
import { words as common } from '../parts/parts.words.ts'
import { refusalOf } from '../parts/refusal.ts'
import { asOf, filter, listed } from '../view/page-address.ts'
import { exportParameters } from '../view/view.ts'
import { words as t } from './tools.words.ts'

/** The file name's extension, as the server expects it. */
export type Format = 'csv' | 'ndjson' | 'ocsf.ndjson'

export type Transfer =
  | { readonly state: 'running'; readonly bytes: number }
  | { readonly state: 'complete' | 'cancelled' | 'failed'; readonly outcome: () => string }

/** The current or last download; `null` before the first. It continues whatever the page shows. */
export const transfer = signal<Transfer | null>(null)

let stopping = new AbortController()

/** Signing out cancels a download, and one viewer's outcome is not shown to the next. */
effect(() => {
  if (account.value === null) cancel()
  if (transfer.peek()?.state !== 'running') transfer.value = null
})

export function cancel(): void {
  stopping.abort()
}

export function dismiss(): void {
  transfer.value = null
}

/**
 * Downloads the events that are shown. Must be called from a click, because the browser may ask where to save. Does
 * nothing while another download is running.
 */
export async function begin(
  organization: { readonly id: string; readonly name: string },
  format: Format,
): Promise<void> {
  if (underWay()) return
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson'
  const search = new URLSearchParams(exportParameters(listed.value, asOf.value))
  const sink = await openSink(`${fileName(organization.name)}.${format}`, type)
  if (sink === null) return
  if (underWay()) return sink.discard()
  stopping = new AbortController()
  transfer.value = { state: 'running', bytes: 0 }
  if (format === 'csv') {
    search.set('for', 'spreadsheet')
    // Excel expects semicolons as separators in languages with a decimal comma.
    search.set('separator', (1.5).toLocaleString().includes(',') ? ';' : ',')
  }
  const path = `export/${encodeURIComponent(organization.id)}.${format}?${search}`
  transfer.value = await receive(path, format, sink, stopping.signal)
}

function underWay(): boolean {
  return transfer.value?.state === 'running'
}

/** In UTF-16 units; file systems allow about 200, with the extension. */
const LONGEST = 80

/** The name of a downloaded file, without extension: it ends with today's date if the filter has no end. */
function fileName(organization: string): string {
  // Only letters and digits of any script; other characters have a meaning in file systems and shells.
  const name = organization
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .slice(0, LONGEST)
    .replaceAll(/^-+|-+$/g, '')
  const { createdAfter, createdBefore } = filter.value
  const until = createdBefore == null ? Date.now() : Date.parse(createdBefore) - 1
  const dates = createdAfter == null ? [until] : [Date.parse(createdAfter), until]
  // In the page's time zone, in the Swedish format: `2026-03-29`.
  const days = dates.map(date => new Date(date).toLocaleDateString('sv', { timeZone: timeZone() }))
  return ['iam-logs', name, ...new Set(days)].filter(Boolean).join('_')
}

async function receive(
  path: string,
  format: Format,
  sink: Sink,
  stopped: AbortSignal,
): Promise<Transfer> {
  let bytes = 0
  /** The last bytes, one character each: they contain the trailer. */
  let tail = ''
  let shownAt = 0
  const file = new WritableStream<Uint8Array<ArrayBuffer>>({
    async write(chunk) {
      await sink.write(chunk)
      bytes += chunk.length
      tail = (tail + latin1.decode(chunk.slice(-LONGEST_TRAILER))).slice(-LONGEST_TRAILER)
      if (performance.now() - shownAt < 100) return
      transfer.value = { state: 'running', bytes }
      shownAt = performance.now()
    },
  })
  try {
    const { body } = await send(path, stopped)
    await body?.pipeTo(file)
    const trailer = trailerIn(tail, format)
    if (trailer === null) throw new TypeError('no trailer')
    bytes -= trailer.length
    await sink.keep(bytes)
    const { events } = trailer
    return {
      state: 'complete',
      outcome: () => t.complete(common.events(events), sizeOf(bytes)),
    }
  } catch (error) {
    await sink.discard()
    const [state, outcome] = failureOf(error, stopped.aborted, bytes)
    return { state, outcome }
  }
}

function failureOf(error: unknown, cancelled: boolean, bytes: number) {
  const notSaved = (said: () => string | null) => () => `${said()} ${t.notSaved}`
  if (cancelled) return ['cancelled', notSaved(() => t.cancelled)] as const
  if (error instanceof Refused) return ['failed', notSaved(() => refusalOf(error))] as const
  // The file could not be written to disk.
  if (error instanceof DOMException) return ['failed', () => t.unwritten] as const
  return ['failed', () => t.incomplete(sizeOf(bytes))] as const
}

const UNITS = ['byte', 'kilobyte', 'megabyte'] as const

/** A number of bytes in words. */
export function sizeOf(bytes: number): string {
  const step = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : 2
  const options = { style: 'unit', unit: UNITS[step], maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(locale(), options).format(bytes / 1e3 ** step)
}

/** In bytes; a trailer has about a tenth of it. */
const LONGEST_TRAILER = 4_096

const latin1 = new TextDecoder('latin1')

/**
 * The length of the last line in bytes, and the number of events it states; `null` if it is not a trailer, so the file
 * is not complete.
 */
function trailerIn(end: string, format: Format): { length: number; events: number } | null {
  const trailer =
    format === 'csv'
      ? /(?<=\r\n)#end[,;]events=(\d+)[,;][^\r\n]*[,;]sha256=[0-9a-f]{64}\r\n$/
      : /(?<=^|\n)\{"iam_logs_export":\{[^\n]*"events":(\d+),[^\n]*"sha256":"[0-9a-f]{64}"\}\}\n$/
  const [line, events] = trailer.exec(end) ?? []
  return line === undefined ? null : { length: line.length, events: Number(events) }
}

interface Sink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>
  /** Keeps the first `length` bytes of what was written. */
  keep(length: number): Promise<void>
  /** Never rejects. */
  discard(): Promise<void>
}

/** Not standardised, and not in every browser. */
interface SavePicker {
  showSaveFilePicker?(options: {
    readonly suggestedName: string
    readonly types: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[]
  }): Promise<FileSystemFileHandle & { remove?(): Promise<void> }>
}

/** `null` if the viewer cancelled. */
async function openSink(name: string, type: string): Promise<Sink | null> {
  const { showSaveFilePicker } = window as SavePicker
  if (showSaveFilePicker === undefined) return memorySink(name, type)
  const ending = name.slice(name.lastIndexOf('.'))
  try {
    const types = [{ accept: { [type]: [ending] } }]
    const file = await showSaveFilePicker({ suggestedName: name, types })
    // The browser creates an empty file when the viewer names it.
    const made = (await file.getFile()).size === 0
    const disk = await file.createWritable()
    return {
      write: chunk => disk.write(chunk),
      async keep(length) {
        await disk.truncate(length)
        await disk.close()
      },
      async discard() {
        await disk.abort().catch(() => {})
        if (made) await file.remove?.().catch(() => {})
      },
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    // Forbidden here, as in a frame or by a policy of the computer.
    return memorySink(name, type)
  }
}

function memorySink(name: string, type: string): Sink {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  return {
    async write(chunk) {
      chunks.push(chunk)
    },
    async keep(length) {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob(chunks).slice(0, length, type))
      link.download = name
      link.click()
      // By then the browser has begun to read it.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    },
    async discard() {
      chunks.length = 0
    },
  }
}
