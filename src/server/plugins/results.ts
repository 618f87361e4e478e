// What becomes of an answer: the type of JSON that the client would rather have, the status that GraphQL over HTTP gives
// it, and errors with one of the documented codes. Not Yoga's own, as that one does not weigh what a client accepts, and
// knows only the statuses of drafts.

import { isAsyncIterable } from 'graphql-yoga'
import { exceeded } from '../../schema/limits.ts'
import { acceptedBy, JSON_TYPE, RESPONSE_TYPE } from '../accept.ts'
import { answerOf, causeOf, codesIn, statusOf, told } from '../error-answers.ts'
import { ClientGone, HttpError } from '../http-error.ts'
import type { Plugin } from '../request-context.ts'
import { complete, EVENT_STREAM, next, STREAM_HEADERS } from '../sse.ts'

/** Of an answer, in UTF-16 units; one page of the longest user agents there are is longer. */
const LONGEST_ANSWER = 4_000_000

const NOT_ACCEPTABLE = {
  accept: [EVENT_STREAM, RESPONSE_TYPE, JSON_TYPE].join(', '),
  'cache-control': 'no-store',
}

export function useResults(): Plugin {
  return {
    onResultProcess({ request, result, serverContext, setResultProcessor }) {
      const { requestContext: context } = serverContext
      if (Array.isArray(result) || isAsyncIterable(result)) return
      // Whatever has data is answered; otherwise the first error tells.
      const [error] = (result.data === undefined && result.errors) || []
      const cause = request.signal.aborted ? new ClientGone() : causeOf(error)
      const { status, headers } =
        cause === undefined ? { status: 200, headers: {} } : statusOf(cause, context)
      const respond = (body: string | null, own: object, status: number) =>
        setResultProcessor(
          (_, { Response }) =>
            new Response(body, {
              status,
              headers: { ...headers, ...own, 'x-request-id': context.requestId } as never,
            }),
          JSON_TYPE,
        )
      if (cause instanceof ClientGone) return respond(null, {}, status)
      const answer = answerOf(result, context.report)
      const { json, stream } = acceptedBy(request)
      context.codes = codesIn(answer.errors)
      // What the server refuses is said by its status, whatever the client would rather have.
      if (json === null && !(cause instanceof HttpError)) {
        return stream
          ? respond(next(answer) + complete(), STREAM_HEADERS, 200)
          : respond(null, NOT_ACCEPTABLE, 406)
      }
      const isGood = status < 300
      // Errors alone are no answer with a good status.
      const text = JSON.stringify(isGood && error ? { data: null, ...answer } : answer)
      const type = isGood ? (json ?? JSON_TYPE) : RESPONSE_TYPE
      const own = {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-store',
        ...(isGood && { vary: 'Accept-Encoding' }),
      }
      if (text.length <= LONGEST_ANSWER) {
        // Node writes a head that is whole as it is; Yoga would make it anew to add this.
        return respond(text, { ...own, 'content-length': `${Buffer.byteLength(text)}` }, status)
      }
      const tooLong = exceeded('characters of the answer', text.length, LONGEST_ANSWER)
      const errors = [told(tooLong, context.report)]
      context.codes = codesIn(errors)
      respond(JSON.stringify({ errors }), { ...own, 'content-type': RESPONSE_TYPE }, 422)
    },
  }
}
