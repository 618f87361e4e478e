// Exported files on disk: whether they are complete, and what a partial one contains.

import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { CompleteRows, type Span } from './complete-rows.ts'
import type { StartedExport } from './export.ts'
import type { ExportFormat } from './export-format.ts'
import { EXPORT_FORMATS } from './export-formats.ts'

export type Verification =
  | { readonly events: number; readonly sha256: string }
  /** The end of a sentence about the file. */
  | { readonly fault: string }

/** Bytes; longer than any trailer. */
const TAIL = 4096

const TRAILERS: readonly RegExp[] = [
  /^\{"iam_logs_export":\{[^\n]*"events":(\d+),[^\n]*"sha256":"([0-9a-f]{64})("\}\}\n)$/,
  /^#end[,;]events=(\d+)[,;][^\n]*[,;]sha256=([0-9a-f]{64})(\r\n)$/,
]

/** Reads the whole file, with constant memory. Throws if it cannot be read. */
export async function verifyExport(path: string): Promise<Verification> {
  await using file = await open(path)
  const { size } = await file.stat()
  const tail = await textOf(file, { start: Math.max(0, size - TAIL), end: size })
  const line = tail.slice(tail.lastIndexOf('\n', tail.length - 2) + 1)
  const found = TRAILERS.map(trailer => trailer.exec(line)).find(match => match !== null)
  if (found == null) return { fault: await faultOf(path, file) }
  const [, events, expected = '', end = ''] = found
  const hash = createHash('sha256')
  await read(path, size - expected.length - end.length, chunk => hash.update(chunk))
  const sha256 = hash.digest('hex')
  return sha256 === expected
    ? { events: Number(events), sha256 }
    : {
        fault: `was changed: its content has the SHA-256 ${sha256}, but its trailer says ${expected}`,
      }
}

/** Why a file has no trailer. */
async function faultOf(path: string, file: FileHandle): Promise<string> {
  for (const format of EXPORT_FORMATS) {
    const rows = await completeRows(path, format)
    const first = await placeIn(file, rows.first, format)
    const last = await placeIn(file, rows.last, format)
    if (first === null) continue
    if (last === null) return 'was changed: its last line is neither an event nor a trailer'
    const found = `${rows.events.toLocaleString('en')} complete events in ${rows.bytes} bytes`
    return `is incomplete: ${found}, the last ${last.id}, and no trailer`
  }
  return 'is not an export, or contains no complete event'
}

export interface PartialExport {
  /** The length of its complete rows; the rest must be cut off. */
  readonly bytes: number
  /** `null`: the file contains no complete row of an event. */
  readonly begun: StartedExport | null
}

export async function readPartialExport(
  path: string,
  format: ExportFormat,
): Promise<PartialExport> {
  await using file = await open(path)
  const rows = await completeRows(path, format)
  const first = await placeIn(file, rows.first, format)
  const last = await placeIn(file, rows.last, format)
  if (first === null || last === null) return { bytes: 0, begun: null }
  const hash: Hash = createHash('sha256')
  await read(path, rows.bytes, chunk => hash.update(chunk))
  return { bytes: rows.bytes, begun: { hash, events: rows.events, first: first.id, last } }
}

async function completeRows(path: string, format: ExportFormat): Promise<CompleteRows> {
  const rows = new CompleteRows(format)
  await read(path, Number.POSITIVE_INFINITY, chunk => rows.push(chunk))
  return rows
}

async function placeIn(file: FileHandle, span: Span | null, format: ExportFormat) {
  return span === null ? null : format.placeOf(await textOf(file, span))
}

async function textOf(file: FileHandle, { start, end }: Span): Promise<string> {
  const bytes = Buffer.alloc(end - start)
  await file.read(bytes, 0, bytes.length, start)
  return bytes.toString()
}

/** Reads the first `bytes` bytes. */
async function read(path: string, bytes: number, take: (chunk: Buffer) => void): Promise<void> {
  if (bytes === 0) return
  for await (const chunk of createReadStream(path, { end: bytes - 1 })) take(chunk)
}
