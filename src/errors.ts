// Errors that are meant for users. Any other error is a bug or a fault of the system: it is masked in responses and
// logged.

export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'LIMIT_EXCEEDED'
  | 'UNAVAILABLE'

/** Its message is one line that names the value and says what to do instead; it contains no secrets. */
export class UserError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'UserError'
    this.code = code
  }
}

/** Invalid input, or input that names something that does not exist. */
export class InputError extends UserError {
  constructor(message: string) {
    super('BAD_USER_INPUT', message)
  }
}

/**
 * A part of the database does not respond, so the data of some Organizations cannot be read. Its message and its cause
 * are for operators.
 */
export class Unavailable extends Error {
  readonly code = 'UNAVAILABLE' satisfies ErrorCode

  constructor(reason: string, cause: unknown) {
    super(`a part of the database does not respond: ${reason}`, { cause })
    this.name = 'Unavailable'
  }
}

/** A value, or the first invalid field of its JSON and the problem, for example `id`, `is missing`. */
export type Decoded<T> =
  | { readonly value: T }
  | { readonly field: string; readonly problem: string }

/** The maximum length of input that messages repeat, escapes included. */
const MAX_REPEATED = 80

/** Input for a message: at most about 80 characters, without control characters. */
export function quoted(input: unknown): string {
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input))
  let shown = ''
  for (const char of text.slice(0, MAX_REPEATED + 1)) {
    const escaped = JSON.stringify(char).slice(1, -1)
    if (shown.length + escaped.length > MAX_REPEATED) return oneLine(`"${shown}…"`)
    shown += escaped
  }
  return oneLine(`"${shown}"`)
}

/** One line; line breaks, control characters and bidirectional marks are replaced. */
export function oneLine(text: string): string {
  return text
    .replace(/\s*[\r\n]\s*/g, ' ')
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?')
    .toWellFormed()
}

/** At most 81 characters of a text, like `oneLine`. */
export function briefly(text: string): string {
  return oneLine(text.length > MAX_REPEATED ? `${text.slice(0, MAX_REPEATED)}…` : text)
}

export function unreadable(file: string): InputError {
  return new InputError(`${quoted(file)} cannot be read; check its name and permissions`)
}

export function unwritable(setting: string, file: string, error: unknown): InputError {
  return new InputError(
    `${setting}: ${quoted(file)} cannot be written (${codeOf(error)}); check its folder and permissions`,
  )
}

/** The code of an error of the system or of PostgreSQL, such as `ENOENT` or `40001`; empty for other errors. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
