// The writes of a program to its files, traced with strace, and what a disk may contain after a power cut in between:
// everything that was synced, and any part of the rest.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A relevant system call of the program. */
export type Step =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly file: string; readonly bytes: number }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'remove'; readonly file: string }
  /** A line on standard output. */
  | { readonly kind: 'said'; readonly text: string }

export const canTrace = spawnSync('strace', ['-V']).status === 0

const CALLS = 'pwrite64,write,fsync,fdatasync,ftruncate,unlink'

/** Runs a program to its end, and returns its steps on the files whose names begin with `file`. */
export function traced(file: string, args: readonly string[], log: string): Step[] {
  const options = ['-f', '-y', '-xx', '-s', '10000000', '-e', `trace=${CALLS}`, '-o', log]
  const { status, stderr } = spawnSync('strace', [...options, process.execPath, ...args])
  if (status !== 0) throw new Error(`strace ended with ${status}: ${stderr}`)
  return readFileSync(log, 'latin1')
    .split('\n')
    .flatMap(line => stepIn(line, file) ?? [])
}

const LINE =
  /^\d+ +(\w+)\((?:\d+<([^>]*)>)?(?:(?:, )?"((?:\\x[0-9a-f]{2})*)")?(?:, (\d+))?(?:, (\d+))?\) += (-?\d+)/

function stepIn(line: string, prefix: string): Step | null {
  const [, call, opened, text, first, second, result] = LINE.exec(line) ?? []
  if (call === undefined || Number(result) < 0) return null
  const bytes = Buffer.from((text ?? '').replaceAll('\\x', ''), 'hex')
  if (call === 'write' && line.includes('write(1<')) return { kind: 'said', text: bytes.toString() }
  const file = call === 'unlink' ? bytes.toString() : decoded(opened ?? '')
  if (!file.startsWith(prefix) || file.endsWith('-shm')) return null
  if (call === 'pwrite64') {
    const at = Number(second)
    return { kind: 'write', file, at, bytes: bytes.subarray(0, Number(result)) }
  }
  if (call === 'ftruncate') return { kind: 'size', file, bytes: Number(first) }
  if (call === 'unlink') return { kind: 'remove', file }
  return call.endsWith('sync') ? { kind: 'sync', file } : null
}

/** With -xx, names of files are hexadecimal bytes, too. */
function decoded(name: string): string {
  return name.includes('\\x') ? Buffer.from(name.replaceAll('\\x', ''), 'hex').toString() : name
}

type Change = Extract<Step, { kind: 'write' | 'size' }>

/** A disk with synced contents and pending changes. */
export class Disk {
  readonly #kept: Map<string, Buffer>
  readonly #pending = new Map<string, Change[]>()

  constructor(files: ReadonlyMap<string, Buffer>) {
    this.#kept = new Map(files)
  }

  take(step: Step): void {
    if (step.kind === 'said') return
    const { file } = step
    const pending = this.#pending.get(file) ?? []
    if (step.kind === 'sync') {
      this.#kept.set(file, changed(this.#kept.get(file), pending))
      this.#pending.delete(file)
    } else if (step.kind === 'remove') {
      this.#kept.delete(file)
      this.#pending.delete(file)
    } else this.#pending.set(file, [...pending, step])
  }

  /** The contents after a power cut, with the pending changes for which `survives` is true. */
  after(survives: (change: Change, number: number, of: number) => boolean): Map<string, Buffer> {
    const files = new Map(this.#kept)
    for (const [file, pending] of this.#pending) {
      const written = pending.filter((change, number) => survives(change, number, pending.length))
      files.set(file, changed(files.get(file), written))
    }
    return files
  }
}

function changed(before: Buffer | undefined, changes: readonly Change[]): Buffer {
  let file = before ?? Buffer.alloc(0)
  for (const change of changes) {
    if (change.kind === 'size') {
      const { bytes } = change
      file = bytes <= file.length ? file.subarray(0, bytes) : grown(file, bytes)
    } else {
      const { at, bytes } = change
      file = grown(file, Math.max(file.length, at + bytes.length))
      bytes.copy(file, at)
    }
  }
  return file
}

function grown(file: Buffer, length: number): Buffer {
  const larger = Buffer.alloc(length)
  file.copy(larger)
  return larger
}
