// What becomes of an answer: the type of JSON that the client would rather have, the status that GraphQL over HTTP gives
// it, and errors with one of the documented codes. Not Yoga's own, as that one does not weigh what a client accepts, and
// knows only the statuses of drafts.

import { type ExecutionResult, GraphQLError } from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import { exceeded } from '../../graph/limits.ts'
import { acceptedBy, JSON_TYPE, RESPONSE_TYPE } from '../accept.ts'
import { type Answer, answerOf, causeOf, statusOf, told } from '../errors.ts'
import { HttpRefusal } from '../refusal.ts'
import type { Plugin, RequestContext } from '../request-context.ts'
import { complete, EVENT_STREAM, next, STREAM_HEADERS } from '../sse.ts'

/** Of an answer, in UTF-16 units; one page of the longest user agents there are is longer. */
const LONGEST_ANSWER = 4_000_000

export function useResults(): Plugin {
  return {
    onResultProcess({ request, result, serverContext, setResultProcessor }) {
      const { requestContext: context } = serverContext
      if (Array.isArray(result) || isAsyncIterable(result)) return
      const refusal = refusalOf(result)
      const { status, headers } = request.signal.aborted
        ? { status: 499, headers: {} }
        : statusOfResult(result, context)
      const respond = (body: string | null, own: object, status: number) =>
        setResultProcessor(
          (_, { Response }) =>
            new Response(body, {
              status,
              headers: { ...headers, ...own, 'x-request-id': context.requestId } as never,
            }),
          JSON_TYPE,
        )
      if (status === 499) return respond(null, {}, status)
      const answer = answerOf(result, context.report)
      const { json, stream } = acceptedBy(request)
      context.codes = codesIn(answer)
      // What the server refuses is said by its status, whatever the client would rather have.
      if (json === null && refusal === null) {
        return stream
          ? respond(next(answer) + complete(), STREAM_HEADERS, 200)
          : respond(null, NOT_ACCEPTABLE, 406)
      }
      const text = JSON.stringify(
        // Errors alone are no answer with a good status.
        answer.data === undefined && status < 300 ? { data: null, ...answer } : answer,
      )
      const type = status < 300 ? (json ?? JSON_TYPE) : RESPONSE_TYPE
      const own = {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-store',
      }
      if (text.length <= LONGEST_ANSWER) return respond(text, own, status)
      const errors = [
        told(exceeded('characters of the answer', text.length, LONGEST_ANSWER), context.report),
      ]
      context.codes = ['LIMIT_EXCEEDED']
      respond(JSON.stringify({ errors }), { ...own, 'content-type': RESPONSE_TYPE }, 422)
    },
  }
}

const NOT_ACCEPTABLE = {
  accept: [EVENT_STREAM, RESPONSE_TYPE, JSON_TYPE].join(', '),
  'cache-control': 'no-store',
}

function codesIn({ errors = [] }: Answer): string[] {
  return errors.map(({ extensions }) => String(extensions.code))
}

/** Of the server itself, not of a resolver. */
function refusalOf({ data, errors }: ExecutionResult): HttpRefusal | null {
  const cause = data === undefined ? causeOf(errors?.[0]) : null
  return cause instanceof HttpRefusal ? cause : null
}

/** Whatever has data is answered; otherwise the first error tells. */
function statusOfResult(
  { data, errors }: ExecutionResult,
  context: RequestContext,
): { status: number; headers: Readonly<Record<string, string>> } {
  if (data !== undefined || errors === undefined) return { status: 200, headers: {} }
  const [error] = errors
  const cause = causeOf(error)
  if (!(cause instanceof GraphQLError)) return statusOf(cause, context)
  // Yoga's: a mutation by GET.
  if ((error?.extensions.http as { status?: number } | undefined)?.status === 405) {
    return { status: 405, headers: { allow: 'POST' } }
  }
  // What does not parse is told apart from what does not make sense.
  return { status: error?.message.startsWith('Syntax Error') ? 400 : 422, headers: {} }
}
