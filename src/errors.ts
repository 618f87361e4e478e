// The one error of this program that is meant to be read by who caused it. Anything else that is thrown
// is a surprise: masked at the door and logged there.

export type ErrorCode = 'BAD_USER_INPUT' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'LIMIT_EXCEEDED'

/** A refusal. Its message is one line that names the value and says what to do instead; it holds no secret. */
export class Refusal extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}

/** Input as it may be repeated in a message: at most 100 characters, control characters replaced. */
export function quoted(input: unknown): string {
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input))
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return oneLine(JSON.stringify(cut))
}

/** A text as one line in which nothing is hidden: what ends lines, turns writing round or is not seen is replaced. */
export function oneLine(text: string): string {
  return text
    .replace(/\s*[\r\n]\s*/g, ' ')
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?')
    .toWellFormed()
}
