// Messages about files that cannot be read or written. It loads nothing else, for commands that need no database.

import { InputError, quoted } from '../errors.ts'

export function unreadable(file: string): InputError {
  return new InputError(`${quoted(file)} cannot be read; check its name and permissions`)
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error
}

export function unwritable(setting: string, file: string, error: unknown): InputError {
  return new InputError(
    `${setting}: ${quoted(file)} cannot be written (${codeOf(error)}); check its folder and permissions`,
  )
}
