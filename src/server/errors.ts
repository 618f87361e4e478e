// What may be told of what went wrong: refusals and complaints about the query as they are, with one of the
// documented codes; anything else only that it happened, while the operator is told the rest.

import { type ExecutionResult, GraphQLError } from 'graphql'
import { oneLine, Refusal } from '../errors.ts'
import { HttpRefusal, HungUp, MASKED, type ReportFault } from './refusal.ts'

/** What stands in an answer; errors as they go to the client. */
export interface Answer {
  readonly data?: unknown
  readonly errors?: readonly AnswerError[] | undefined
}

export interface AnswerError {
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>>
}

/** As it goes to the client: each error with a documented code and nothing that is not the client's. */
export function answerOf(result: ExecutionResult, report: ReportFault): Answer {
  const { data, errors } = result
  if (errors === undefined) return data === undefined ? {} : { data }
  return {
    errors: errors.map(error => plain(withCode(masked(error, report)))),
    ...(data !== undefined && { data }),
  }
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
export function masked(error: unknown, reportFault: ReportFault): GraphQLError {
  const cause = causeOf(error)
  if (error instanceof GraphQLError && cause instanceof GraphQLError) return error
  if (cause instanceof Refusal) {
    const own = cause instanceof HttpRefusal ? cause.details.code : undefined
    return rewritten(error, cause.message, own ?? cause.code)
  }
  // Whoever hangs up while asking alarms nobody.
  if (!(cause instanceof HungUp)) reportFault(cause)
  return rewritten(error, MASKED, 'INTERNAL_SERVER_ERROR')
}

/** What was thrown, however often it was wrapped; of GraphQL's own complaints, the complaint. */
export function causeOf(error: unknown): unknown {
  if (!(error instanceof GraphQLError) || error.originalError == null) return error
  return causeOf(error.originalError)
}

/** Other words at the place in the answer where the error happened. */
function rewritten(error: unknown, message: string, code: string): GraphQLError {
  const { nodes, path, source, positions } = error instanceof GraphQLError ? error : {}
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code },
  })
}

const OURS: ReadonlySet<unknown> = new Set([
  'PERSISTED_QUERY_NOT_FOUND',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'LIMIT_EXCEEDED',
  'INTERNAL_SERVER_ERROR',
])

/** Longer messages repeat what was sent. */
const LONGEST_MESSAGE = 300

/** What stands between quotes was sent: of a long text the beginning tells which it is. */
const QUOTE = /"((?:[^"\\]|\\.)*)"/gs

/** Of a text between quotes, in characters as they are shown; no escape is cut in two. */
const LONGEST_QUOTE = 80
const WHOLE_ESCAPES = /^(?:[^\\]|\\.)*/s

function cutQuote(quote: string, sent: string): string {
  if (sent.length <= LONGEST_QUOTE) return quote
  return `"${WHOLE_ESCAPES.exec(sent.slice(0, LONGEST_QUOTE))?.[0]}…"`
}

/** Where GraphQL repeats what was sent with its own quotes in it, or with none around it. */
const REPEATED = [
  /(got invalid value )(.*?)((?: at "[\w.[\]]*")?; (?:Field|Value|Expected|Enum|[A-Z]\w* cannot)\b.*)$/s,
  /(Value ")(.*)(" does not exist in ")/s,
  /(Field ")(.*)(" is not defined by type ")/s,
  /(cannot represent [^:"]*: )(.*)()$/s,
  /((?:Unexpected|found) [A-Z][A-Za-z]+ ")(.*)("\.?)$/s,
]

/** What fits, with no text in it that was sent and is long. */
function briefly(message: string): string {
  if (message.length <= 80) return oneLine(message)
  let brief = message
  for (const repeated of REPEATED) {
    brief = brief.replace(repeated, (_, before: string, sent: string, behind: string) => {
      const end = sent.startsWith('"') ? '…"' : '…'
      return `${before}${sent.length > 82 ? `${sent.slice(0, 80)}${end}` : sent}${behind}`
    })
  }
  brief = brief.replace(QUOTE, cutQuote)
  return oneLine(brief.length > LONGEST_MESSAGE ? `${brief.slice(0, LONGEST_MESSAGE)}…` : brief)
}

/** Gives an error one of the documented codes: what GraphQL itself complains of is bad input. */
function withCode(error: GraphQLError): GraphQLError {
  const code = OURS.has(error.extensions.code) ? String(error.extensions.code) : 'BAD_USER_INPUT'
  const { message } = error
  const brief = briefly(message)
  if (code === error.extensions.code && brief === message) return error
  return rewritten(error, brief, code)
}

/** As it goes to the client: with nothing in its extensions but the code. */
export function plain(error: GraphQLError): AnswerError {
  const { extensions, ...rest } = error.toJSON()
  return { ...rest, extensions: { code: extensions?.code } }
}
