// Exported files on disk: whether they are complete, and what a partial one contains.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { StartedExport } from './export.ts'
import type { ExportFormat } from './export-format.ts'
import { EXPORT_FORMATS } from './export-formats.ts'

export type Verification =
  | { readonly events: number; readonly sha256: string }
  /** The end of a sentence about the file. */
  | { readonly fault: string }

/** Bytes; longer than any trailer. */
const TAIL = 4096
/** Bytes; longer than any row. */
const LONGEST_ROW = 2 ** 20

const TRAILERS: readonly RegExp[] = [
  /^\{"iam_logs_export":\{[^\n]*"events":(\d+),[^\n]*"sha256":"([0-9a-f]{64})("\}\}\n)$/,
  /^#end[,;]events=(\d+)[,;][^\n]*[,;]sha256=([0-9a-f]{64})(\r\n)$/,
]

/** Reads the whole file, with constant memory. Throws if it cannot be read. */
export async function verifyExport(path: string): Promise<Verification> {
  const { size } = await stat(path)
  const tail = await text(createReadStream(path, { start: Math.max(0, size - TAIL) }))
  const line = tail.slice(tail.lastIndexOf('\n', tail.length - 2) + 1)
  const found = TRAILERS.map(trailer => trailer.exec(line)).find(match => match !== null)
  if (found == null) return { fault: await faultOf(path) }
  const [, events, expected = '', end = ''] = found
  const hash = createHash('sha256')
  const last = size - expected.length - end.length - 1
  for await (const chunk of createReadStream(path, { end: last })) hash.update(chunk)
  const sha256 = hash.digest('hex')
  if (sha256 === expected) return { events: Number(events), sha256 }
  return {
    fault: `was changed: its content has the SHA-256 ${sha256}, but its trailer says ${expected}`,
  }
}

/** Why a file has no trailer. */
async function faultOf(path: string): Promise<string> {
  for (const format of EXPORT_FORMATS) {
    const { bytes, events, first, last } = await readRows(path, format)
    if (first === null) continue
    if (last === null) return 'was changed: its last line is neither an event nor a trailer'
    const found = `${events.toLocaleString('en')} complete events in ${bytes} bytes`
    return `is incomplete: ${found}, the last ${last.id}, and no trailer`
  }
  return 'is not an export, or contains no complete event'
}

/** `bytes`: where the file must be cut off, after its complete rows. `begun`: `null` if none of them is an event. */
export async function readPartialExport(path: string, format: ExportFormat) {
  const { bytes, first, last, ...rows } = await readRows(path, format)
  if (first === null || last === null) return { bytes: 0, begun: null }
  return { bytes, begun: { ...rows, first: first.id, last } satisfies StartedExport }
}

/** The complete rows of a file that may be cut off anywhere, the header among them. */
async function readRows(path: string, format: ExportFormat) {
  const hash = createHash('sha256')
  let [bytes, rows, first, last] = [0, 0, '', '']
  for await (const row of rowsOf(path, format.quotes)) {
    hash.update(row, 'latin1')
    bytes += row.length
    if (rows++ === 0 && format.header !== '') continue
    first ||= row
    last = row
  }
  const events = Math.max(0, rows - (format.header === '' ? 0 : 1))
  const [start, end] = [first, last].map(row =>
    format.placeOf(Buffer.from(row, 'latin1').toString()),
  )
  return { hash, bytes, events, first: start ?? null, last: end ?? null }
}

/** Rows with their newline, one character for each byte. */
async function* rowsOf(path: string, quotes: boolean): AsyncGenerator<string> {
  const pattern = quotes ? /[^"\n]*(?:"[^"]*"[^"\n]*)*\n/gy : /[^\n]*\n/gy
  let rest = ''
  for await (const chunk of createReadStream(path, 'latin1')) {
    rest += chunk
    let length = 0
    for (const [row] of rest.matchAll(pattern)) {
      length += row.length
      yield row
    }
    rest = rest.slice(length)
    if (rest.length > LONGEST_ROW) return
  }
}
