// An export into a file. It grows beside it, under a name that says of which snapshot and which request it is, and
// takes its place when it is whole: so the file itself never holds a part, and one that was cut off can be gone on
// with, whatever stopped it.

import { createHash } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError, quoted, UserError } from '../errors.ts'
import type { LogReader } from '../store.ts'
import { type ExportRequest, exportEvents } from './export.ts'
import { readPartialExport, verifyExport } from './exported-file.ts'

export interface FileExport {
  /** With what an earlier one left, where it left something. */
  readonly goOn: boolean
  /** The permission sets it is seen with; `null`: an Owner. */
  readonly seenWith: readonly string[] | null
  /** Called now and then with how many events are in it so far. */
  progress(events: number): void
  /** Ends it early. */
  readonly stop: AbortSignal
}

export interface FileExported {
  readonly events: number
  readonly snapshot: string
  /** Where the beginning of it is, where it was stopped; `null`: the file is there. */
  readonly part: string | null
}

/** What is in the file now. Refuses where a part is left and it was not asked to go on with it. */
export async function exportToFile(
  log: LogReader,
  request: ExportRequest,
  path: string,
  { goOn, seenWith, progress, stop }: FileExport,
): Promise<FileExported> {
  const asked = fingerprint(request, seenWith)
  if ((await stat(path).catch(() => null))?.isDirectory()) {
    throw new InputError(`${quoted(path)} is a folder; name a file in it`)
  }
  const left = await partOf(path)
  if (left !== null && !goOn) {
    throw new InputError(
      `${left.path} is left of an interrupted export; add --continue to resume it, or remove the file`,
    )
  }
  if (left !== null && left.asked !== asked) {
    throw new InputError(
      `${left.path} is a part of another export; give the same options as then, or remove the file`,
    )
  }
  const snapshot = left?.snapshot ?? request.snapshot
  const part = left?.path ?? `${path}.${snapshot}.${asked}.part`
  let events = 0
  if (left === null || !request.trailer || 'fault' in (await verifyExport(part))) {
    try {
      events = await grow(log, { ...request, snapshot }, part, progress, stop)
    } catch (error) {
      // What is refused was never begun, and there is nothing to go on with.
      if (left === null && error instanceof UserError) await rm(part, { force: true })
      throw error
    }
  }
  if (stop.aborted) return { events, snapshot, part }
  if (request.trailer) {
    const whole = await verifyExport(part)
    if ('fault' in whole) throw new Error(`${part} ${whole.fault}`)
    events = whole.events
  }
  await rename(part, path)
  return { events, snapshot, part: null }
}

/** Writes what it lacks, and does not return before it is on the disk; how many events it has then. */
async function grow(
  log: LogReader,
  request: ExportRequest,
  part: string,
  progress: (events: number) => void,
  stop: AbortSignal,
): Promise<number> {
  await using file = await open(part, 'a')
  const { bytes, begun } = await readPartialExport(part, request.format)
  await file.truncate(bytes)
  let events = begun?.events ?? 0
  const count = (all: number) => {
    events = all
    progress(all)
  }
  for await (const chunk of exportEvents(log, request, { begun, progress: count })) {
    if (stop.aborted) break
    await file.writeFile(chunk)
  }
  await file.sync()
  return events
}

interface Part {
  readonly path: string
  readonly snapshot: string
  readonly asked: string
}

/** What is left of an export into this file. */
async function partOf(path: string): Promise<Part | null> {
  const folder = dirname(path)
  const start = `${basename(path)}.`
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start)) continue
    const [, snapshot, asked] =
      /^([0-9a-f-]{36})\.([0-9a-f]{8})\.part$/.exec(name.slice(start.length)) ?? []
    if (snapshot !== undefined && asked !== undefined) {
      return { path: join(folder, name), snapshot, asked }
    }
  }
  return null
}

/** The same for the same request, whatever its snapshot. */
function fingerprint(
  { organizationId, format, trailer, filter }: ExportRequest,
  seenWith: readonly string[] | null,
): string {
  const asked = JSON.stringify([
    ...[organizationId, format.name, format.header, trailer],
    ...[filter, seenWith?.toSorted() ?? null],
  ])
  return createHash('sha256').update(asked).digest('hex').slice(0, 8)
}
