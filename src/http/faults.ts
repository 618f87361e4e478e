// What may be told of what went wrong: refusals and complaints about the query as they are, with one of the
// documented codes; anything else only that it happened, while the operator is told the rest.

import { GraphQLError } from 'graphql'
import { oneLine, Refusal } from '../errors.ts'
import type { AnswerError } from './sse.ts'

/** What went wrong inside, for the operator; never for the client. With the ID of the request it belongs to. */
export type ReportFault = (error: unknown, requestId?: string) => void

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
  const cause = error instanceof GraphQLError ? error.originalError : error
  if (error instanceof GraphQLError && (cause == null || cause instanceof GraphQLError))
    return error
  if (cause instanceof Refusal) return rewritten(error, cause.message, cause.code)
  reportFault(cause)
  return rewritten(
    error,
    'Something went wrong here; the operator was told.',
    'INTERNAL_SERVER_ERROR',
  )
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
export function withCode(error: GraphQLError): GraphQLError {
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
