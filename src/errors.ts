// The one error of this program that is meant to be read by who caused it. Anything else that is thrown
// is a surprise: masked at the door and logged there.

export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'LIMIT_EXCEEDED'
  | 'UNAVAILABLE'

/** A refusal. Its message is one line that names the value and says what to do instead; it holds no secret. */
export class UserError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'UserError'
    this.code = code
  }
}

/** A refusal of what was given, as it makes no sense or names what is not there. */
export class InputError extends UserError {
  constructor(message: string) {
    super('BAD_USER_INPUT', message)
  }
}

/**
 * A part of the database does not answer, and with it the data of some Organizations; that of others is there. Its message
 * is for who operates the database, and so is its cause.
 */
export class Unavailable extends Error {
  readonly code = 'UNAVAILABLE' satisfies ErrorCode

  constructor(said: string, cause: unknown) {
    super(`a part of the database does not answer: ${said}`, { cause })
    this.name = 'Unavailable'
  }
}

/** So much of what was sent is repeated, escapes and all. */
const MOST_REPEATED = 80

/** Input as it may be repeated in a message: at most 100 characters, control characters replaced. */
export function quoted(input: unknown): string {
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input))
  let shown = ''
  for (const char of text.slice(0, MOST_REPEATED + 1)) {
    const escaped = JSON.stringify(char).slice(1, -1)
    if (shown.length + escaped.length > MOST_REPEATED) return oneLine(`"${shown}…"`)
    shown += escaped
  }
  return oneLine(`"${shown}"`)
}

/** A text as one line in which nothing is hidden: what ends lines, turns writing round or is not seen is replaced. */
export function oneLine(text: string): string {
  return text
    .replace(/\s*[\r\n]\s*/g, ' ')
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?')
    .toWellFormed()
}

/** At most 81 characters of a text, as `oneLine`. */
export function briefly(text: string): string {
  return oneLine(text.length > MOST_REPEATED ? `${text.slice(0, MOST_REPEATED)}…` : text)
}
