// Errors as clients receive them, always in the shape of a GraphQL response. Refusals and GraphQL's own errors keep
// their message and get one of the documented codes; any other error is masked, and reported to the operator.

import { type ExecutionResult, GraphQLError } from 'graphql'
import { IssuerUnavailable } from '../auth/identity-provider.ts'
import { type ErrorCode, oneLine, Unavailable, UserError } from '../errors.ts'
import { ClientGone, type Details, HttpError } from './http-error.ts'
import type { ReportFault, RequestContext } from './request-context.ts'

/** A GraphQL response, with errors as the client receives them. */
export interface Answer {
  readonly data?: unknown
  readonly errors?: readonly AnswerError[] | undefined
}

export interface AnswerError {
  readonly message: string
  /** Only the code, and input of the client. */
  readonly extensions: Readonly<Record<string, unknown>>
}

export function answerOf({ data, errors }: ExecutionResult, context: RequestContext): Answer {
  return {
    ...(errors && { errors: errors.map(error => clientError(error, context)) }),
    ...(data !== undefined && { data }),
  }
}

/**
 * Reports each error once: the error of one look-up can make many fields fail. An issuer that does not respond is
 * reported when it was contacted, not for each request that is refused until the next attempt.
 */
export function once(reportFault: ReportFault): ReportFault {
  const reported = new WeakSet<object>()
  return (error, requestId) => {
    if (error instanceof IssuerUnavailable && error.cause === undefined) return
    if (typeof error === 'object' && error !== null) {
      if (reported.has(error)) return
      reported.add(error)
    }
    reportFault(error, requestId)
  }
}

/** An error as the client receives it. The context keeps its code for the log. */
export function clientError(error: unknown, context: RequestContext): AnswerError {
  const { locations, path } = error instanceof GraphQLError ? error : {}
  const { message, code } = shownOf(error, context)
  context.codes.push(code)
  return {
    message,
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { code },
  }
}

function shownOf(error: unknown, { report }: RequestContext): { message: string; code: string } {
  const cause = causeOf(error)
  if (cause instanceof UserError) {
    const code = (cause instanceof HttpError && cause.details.code) || cause.code
    return { message: cause.message, code }
  }
  if (error instanceof GraphQLError && cause instanceof GraphQLError) {
    // Set by our limits; GraphQL's other errors have no code.
    const isExceeded = error.extensions.code === 'LIMIT_EXCEEDED'
    return {
      message: briefly(error.message),
      code: isExceeded ? 'LIMIT_EXCEEDED' : 'BAD_USER_INPUT',
    }
  }
  // A client that disconnects is not an error.
  if (!(cause instanceof ClientGone)) report(cause)
  if (cause instanceof Unavailable) {
    const message = 'The data of this Organization cannot be read now; try again later.'
    return { message, code: cause.code }
  }
  if (cause instanceof IssuerUnavailable) {
    const message = 'the identity provider does not respond; try again in a moment'
    return { message, code: 'UNAVAILABLE' }
  }
  const message = 'An internal error occurred; it was logged for the operator.'
  return { message, code: 'INTERNAL_SERVER_ERROR' }
}

/** The error that was thrown, however often GraphQL wrapped it. */
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

/** The status and headers for an error without its wrappers. Records in the context why access was denied. */
export function statusOf(
  error: unknown,
  context: RequestContext,
): { status: number; headers: Readonly<Record<string, string>> } {
  // For the log only, because the client is gone. 499 is the usual status for this.
  if (error instanceof ClientGone) return { status: 499, headers: {} }
  if (error instanceof GraphQLError) {
    // Set by Yoga for a mutation by GET.
    const { status } = (error.extensions.http ?? {}) as { status?: number }
    if (status === 405) return { status, headers: { allow: 'POST' } }
    return { status: error.message.startsWith('Syntax Error') ? 400 : 422, headers: {} }
  }
  if (error instanceof Unavailable || error instanceof IssuerUnavailable) {
    return { status: STATUS.UNAVAILABLE, headers: { 'retry-after': '10' } }
  }
  if (!(error instanceof UserError)) return { status: 500, headers: {} }
  const { status, details } =
    error instanceof HttpError ? error : { status: STATUS[error.code], details: {} as Details }
  context.denied ??= details.denied ?? null
  return {
    status,
    headers: {
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(details.retryAfter !== undefined && { 'retry-after': String(details.retryAfter) }),
      ...details.headers,
    },
  }
}

/** The response for an error. */
export function refused(
  error: unknown,
  context: RequestContext,
  type = 'application/json',
): { status: number; headers: Record<string, string>; body: string } {
  const { status, headers } = statusOf(error, context)
  if (status === 499) return { status, headers: {}, body: '' }
  const answer = clientError(error, context)
  return {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ errors: [answer] }),
  }
}

/** GraphQL's messages longer than this repeat input at length. */
const MAX_MESSAGE = 300

/** Repeated input is cut to this length, without cutting an escape sequence. */
const MAX_REPEATED = 80
const WHOLE_ESCAPES = /^(?:[^\\]|\\.)*/s

/**
 * Where GraphQL's messages repeat input that may contain quotes, or without quotes; the last pattern is anything in
 * quotes.
 */
const REPEATED = [
  /(got invalid value )(.*?)((?: at "[\w.[\]]*")?; (?:Field|Value|Expected|Enum|[A-Z]\w* cannot)\b.*)$/s,
  /(Value ")(.*)(" does not exist in ")/s,
  /(Field ")(.*)(" is not defined by type ")/s,
  /(cannot represent [^:"]*: )(.*)()$/s,
  /((?:Unexpected|found) [A-Z][A-Za-z]+ ")(.*)("\.?)$/s,
  /(")((?:[^"\\]|\\.)*)(")/gs,
]

/** The message with long input shortened. */
function briefly(message: string): string {
  if (message.length <= MAX_REPEATED) return oneLine(message)
  let brief = message
  for (const repeated of REPEATED) {
    brief = brief.replace(repeated, (text, before: string, input: string, after: string) => {
      if (input.length <= MAX_REPEATED) return text
      const kept = WHOLE_ESCAPES.exec(input.slice(0, MAX_REPEATED))?.[0]
      return `${before}${kept}…${input.startsWith('"') ? '"' : ''}${after}`
    })
  }
  return oneLine(brief.length > MAX_MESSAGE ? `${brief.slice(0, MAX_MESSAGE)}…` : brief)
}
