// Exports to a file. The export is written beside the file, under a name with the snapshot and a fingerprint of the
// request, and renamed when it is complete: so the file itself is never partial, and an interrupted export can be
// resumed.

import { createHash } from 'node:crypto'
import { lstat, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeOf, InputError, quoted, UserError } from '../errors.ts'
import type { LogReader } from '../log-reader.ts'
import { EventsDeleted, type ExportRequest, exportEvents } from './export.ts'
import { readPartialExport, verifyExport } from './exported-file.ts'

export interface FileExport {
  /** Whether to resume an interrupted export, if there is one. */
  readonly resume: boolean
  /** The viewer's permission sets; `null`: an Owner. */
  readonly permissionSets: readonly string[] | null
  /** Called with the number of events so far. */
  progress(events: number): void
  readonly stop: AbortSignal
}

export interface FileExported {
  readonly events: number
  readonly snapshot: string
  /** The partial file, if the export was stopped; `null`: it is complete. */
  readonly part: string | null
}

/** Refuses if there is a partial file, unless it is to be resumed. */
export async function exportToFile(
  log: LogReader,
  request: ExportRequest,
  file: string,
  { resume, permissionSets, progress, stop }: FileExport,
): Promise<FileExported> {
  const print = fingerprint(request, permissionSets)
  const path = await targetOf(file)
  const left = await partOf(path)
  if (left !== null && !resume) {
    throw new InputError(
      `${left.path} is the partial file of an interrupted export; add --continue to resume it, or remove the file`,
    )
  }
  if (left !== null && left.fingerprint !== print) {
    throw new InputError(
      `${left.path} is the partial file of an export with other options; give the same options, or remove the file`,
    )
  }
  const snapshot = left?.snapshot ?? request.snapshot
  const part = left?.path ?? `${path}.${snapshot}.${print}.part`
  let events = 0
  if (left === null || !request.trailer || 'fault' in (await verifyExport(part))) {
    try {
      events = await writeRest(log, { ...request, snapshot }, part, left === null, progress, stop)
    } catch (error) {
      // A partial file from before may be the only copy of what was deleted, so it is left to the user.
      if (error instanceof EventsDeleted && left !== null) {
        throw new InputError(`${error.message}, after moving or removing ${part}`)
      }
      // There is nothing that could be resumed.
      const isRefused = error instanceof UserError || error instanceof EventsDeleted
      if (left === null && isRefused) await rm(part, { force: true })
      throw error
    }
  }
  if (stop.aborted) return { events, snapshot, part }
  if (request.trailer) {
    const verified = await verifyExport(part)
    if ('fault' in verified) throw new Error(`${part} ${verified.fault}`)
    events = verified.events
  }
  await rename(part, path)
  return { events, snapshot, part: null }
}

/** Refuses whatever must not be replaced. A symbolic link stays: the file that it leads to is replaced. */
async function targetOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null)
  if (file === '') throw new InputError('the name of the output file is empty; give one')
  if (found?.isDirectory() || file.endsWith('/')) {
    throw new InputError(`${quoted(file)} is a folder; name a file in it`)
  }
  if (found === null) return file
  if (!found.isFile()) {
    throw new InputError(
      `${quoted(file)} is not a regular file; to write to standard output, leave out --output`,
    )
  }
  if (await isDatabase(file)) {
    throw new InputError(`${quoted(file)} is a database; name another file`)
  }
  return (await lstat(file)).isSymbolicLink() ? realpath(file) : file
}

/** Whether it is a file of SQLite, such as the database that is exported, or a backup. */
async function isDatabase(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer } = await file.read({ buffer: Buffer.alloc(16) })
  return buffer.toString('latin1') === 'SQLite format 3\0'
}

/** Writes the missing part, and syncs it to the disk. Returns the number of events in the file. */
async function writeRest(
  log: LogReader,
  request: ExportRequest,
  part: string,
  isNew: boolean,
  progress: (events: number) => void,
  stop: AbortSignal,
): Promise<number> {
  // Exclusively, because another export to the same file may have begun since.
  await using file = await open(part, isNew ? 'ax' : 'a')
  const { bytes, begun } = await readPartialExport(part, request.format)
  await file.truncate(bytes)
  let events = begun?.events ?? 0
  const count = (all: number) => {
    events = all
    progress(all)
  }
  for await (const chunk of exportEvents(log, request, { begun, progress: count })) {
    if (stop.aborted) break
    await file.writeFile(chunk).catch(failed)
  }
  await file.sync().catch(failed)
  return events

  /** For example a full disk. What was written can be resumed. */
  function failed(cause: unknown): never {
    const message = `${quoted(part)} cannot be written (${codeOf(cause)}); repair that, then run it again with --continue`
    throw Object.assign(new Error(message, { cause }), { code: codeOf(cause) })
  }
}

interface Part {
  readonly path: string
  readonly snapshot: string
  readonly fingerprint: string
}

/** The partial file of an interrupted export. */
async function partOf(path: string): Promise<Part | null> {
  const folder = dirname(path)
  const start = `${basename(path)}.`
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start)) continue
    const [, snapshot, fingerprint] =
      /^([0-9a-f-]{36})\.([0-9a-f]{8})\.part$/.exec(name.slice(start.length)) ?? []
    if (snapshot !== undefined && fingerprint !== undefined) {
      return { path: join(folder, name), snapshot, fingerprint }
    }
  }
  return null
}

/** The fingerprint of a request without its snapshot. */
function fingerprint(
  { organizationId, format, trailer, filter }: ExportRequest,
  permissionSets: readonly string[] | null,
): string {
  const text = JSON.stringify([
    ...[organizationId, format.name, format.header, trailer],
    ...[filter, permissionSets?.toSorted() ?? null],
  ])
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
