// What may be told of what went wrong, in the shape of a GraphQL answer wherever it happens, so that clients need only
// one way to read an error: refusals and complaints about the query as they are, with one of the documented codes;
// anything else only that it happened, while the operator is told the rest.

import { type ExecutionResult, GraphQLError } from 'graphql'
import { type ErrorCode, oneLine, Unavailable, UserError } from '../errors.ts'
import { ClientGone, HttpError } from './http-error.ts'
import type { ReportFault, RequestContext } from './request-context.ts'

type Report = RequestContext['report']

/** What stands in an answer; errors as they go to the client. */
export interface Answer {
  readonly data?: unknown
  readonly errors?: readonly AnswerError[] | undefined
}

export interface AnswerError {
  readonly message: string
  /** The code, and nothing else that the client did not send. */
  readonly extensions: Readonly<Record<string, unknown>>
}

export function answerOf({ data, errors }: ExecutionResult, report: Report): Answer {
  return {
    ...(errors && { errors: errors.map(error => told(error, report)) }),
    ...(data !== undefined && { data }),
  }
}

export function codesIn(errors: readonly AnswerError[] = []): string[] {
  return errors.map(({ extensions }) => String(extensions.code))
}

/** One look-up serves many fields, and each of them fails with the same error. */
export function once(reportFault: ReportFault): ReportFault {
  const reported = new WeakSet<object>()
  return (error, requestId) => {
    if (typeof error === 'object' && error !== null) {
      if (reported.has(error)) return
      reported.add(error)
    }
    reportFault(error, requestId)
  }
}

/** A refusal keeps its words and its code; GraphQL's own errors keep their words; the rest is only reported. */
export function told(error: unknown, report: Report): AnswerError {
  const { locations, path } = error instanceof GraphQLError ? error : {}
  const at = { ...(locations && { locations }), ...(path && { path }) }
  const cause = causeOf(error)
  if (cause instanceof UserError) {
    const code = (cause instanceof HttpError && cause.details.code) || cause.code
    return { message: cause.message, ...at, extensions: { code } }
  }
  if (error instanceof GraphQLError && cause instanceof GraphQLError) {
    // The limits of the graph tell so; nothing else in an error of GraphQL's is ours.
    const isExceeded = error.extensions.code === 'LIMIT_EXCEEDED'
    const code = isExceeded ? 'LIMIT_EXCEEDED' : 'BAD_USER_INPUT'
    return { message: briefly(error.message), ...at, extensions: { code } }
  }
  // Whoever hangs up while asking alarms nobody.
  if (!(cause instanceof ClientGone)) report(cause)
  if (cause instanceof Unavailable) {
    const message = 'The data of this Organization cannot be read now; ask again later.'
    return { message, ...at, extensions: { code: cause.code } }
  }
  const message = 'Something went wrong here; the operator was told.'
  return { message, ...at, extensions: { code: 'INTERNAL_SERVER_ERROR' } }
}

/** What was thrown, however often it was wrapped; of GraphQL's own complaints, the complaint. */
export function causeOf(error: unknown): unknown {
  if (!(error instanceof GraphQLError) || error.originalError == null) return error
  return causeOf(error.originalError)
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  LIMIT_EXCEEDED: 400,
  UNAVAILABLE: 503,
}

/** In seconds: how soon to ask again for what is away. */
const ASK_AGAIN = 10

/** How an error is said over HTTP: see `causeOf`. Whom it keeps out stands in the context then. */
export function statusOf(
  error: unknown,
  context: RequestContext,
): { status: number; headers: Readonly<Record<string, string>> } {
  // Nobody hears it; logs have come to know it by this number.
  if (error instanceof ClientGone) return { status: 499, headers: {} }
  if (error instanceof GraphQLError) {
    // Yoga's: a mutation by GET.
    const { status } = (error.extensions.http ?? {}) as { status?: number }
    if (status === 405) return { status, headers: { allow: 'POST' } }
    // What does not parse is told apart from what does not make sense.
    return { status: error.message.startsWith('Syntax Error') ? 400 : 422, headers: {} }
  }
  if (error instanceof Unavailable) {
    return { status: STATUS[error.code], headers: { 'retry-after': String(ASK_AGAIN) } }
  }
  if (!(error instanceof UserError)) return { status: 500, headers: {} }
  if (!(error instanceof HttpError)) return { status: STATUS[error.code], headers: {} }
  const { status, details } = error
  context.denied ??= details.denied ?? null
  return {
    status,
    headers: { ...(status === 401 && { 'www-authenticate': 'Bearer' }), ...details.headers },
  }
}

export interface Refused {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** The answer to who gets none, for nobody else to keep. */
export function refused(
  error: unknown,
  context: RequestContext,
  type = 'application/json',
): Refused {
  const { status, headers } = statusOf(error, context)
  if (status === 499) return { status, headers: {}, body: '' }
  const answer = told(error, context.report)
  context.codes = codesIn([answer])
  return {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ errors: [answer] }),
  }
}

/** Longer messages repeat what was sent. */
const LONGEST_MESSAGE = 300

/** Of a text that was sent the beginning tells which it is. No escape is cut in two. */
const LONGEST_REPEATED = 80
const WHOLE_ESCAPES = /^(?:[^\\]|\\.)*/s

/** Where GraphQL repeats what was sent with its own quotes in it, or with none around it; then whatever is quoted. */
const REPEATED = [
  /(got invalid value )(.*?)((?: at "[\w.[\]]*")?; (?:Field|Value|Expected|Enum|[A-Z]\w* cannot)\b.*)$/s,
  /(Value ")(.*)(" does not exist in ")/s,
  /(Field ")(.*)(" is not defined by type ")/s,
  /(cannot represent [^:"]*: )(.*)()$/s,
  /((?:Unexpected|found) [A-Z][A-Za-z]+ ")(.*)("\.?)$/s,
  /(")((?:[^"\\]|\\.)*)(")/gs,
]

/** What fits, with no text in it that was sent and is long. */
function briefly(message: string): string {
  if (message.length <= LONGEST_REPEATED) return oneLine(message)
  let brief = message
  for (const repeated of REPEATED) {
    brief = brief.replace(repeated, (whole, before: string, sent: string, behind: string) => {
      if (sent.length <= LONGEST_REPEATED) return whole
      const kept = WHOLE_ESCAPES.exec(sent.slice(0, LONGEST_REPEATED))?.[0]
      return `${before}${kept}…${sent.startsWith('"') ? '"' : ''}${behind}`
    })
  }
  return oneLine(brief.length > LONGEST_MESSAGE ? `${brief.slice(0, LONGEST_MESSAGE)}…` : brief)
}
