// Writes results: in the JSON type that the client prefers, with the status of GraphQL over HTTP and documented error
// codes. Yoga's own plugin ignores weights in Accept, and implements the statuses of drafts.

import { isAsyncIterable } from 'graphql-yoga'
import { exceeded } from '../../schema/limits.ts'
import { acceptedBy, JSON_TYPE, RESPONSE_TYPE } from '../accept.ts'
import { answerOf, causeOf, clientError, statusOf } from '../error-answers.ts'
import { ClientGone, HttpError } from '../http-error.ts'
import type { Plugin } from '../request-context.ts'
import { complete, EVENT_STREAM, next, STREAM_HEADERS } from '../sse.ts'

/** UTF-16 units; a page with the longest user agents that exist is shorter. */
const MAX_RESPONSE = 4_000_000

const NOT_ACCEPTABLE = {
  accept: [EVENT_STREAM, RESPONSE_TYPE, JSON_TYPE].join(', '),
  'cache-control': 'no-store',
}

export function useResults(): Plugin {
  return {
    onResultProcess({ request, result, serverContext, setResultProcessor }) {
      const { requestContext: context } = serverContext
      if (Array.isArray(result) || isAsyncIterable(result)) return
      // With data the status is 200; otherwise the first error decides.
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
      const answer = answerOf(result, context)
      const { json, stream } = acceptedBy(request)
      // A refusal keeps its status, whatever the client accepts.
      if (json === null && !(cause instanceof HttpError)) {
        return stream
          ? respond(next(answer) + complete(), STREAM_HEADERS, 200)
          : respond(null, NOT_ACCEPTABLE, 406)
      }
      const isGood = status < 300
      // A response with a 2xx status must have data.
      const text = JSON.stringify(isGood && error ? { data: null, ...answer } : answer)
      const type = isGood ? (json ?? JSON_TYPE) : RESPONSE_TYPE
      const own = {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-store',
        ...(isGood && { vary: 'Accept-Encoding' }),
      }
      if (text.length <= MAX_RESPONSE) {
        // With a length, Yoga passes the headers on as they are.
        return respond(text, { ...own, 'content-length': `${Buffer.byteLength(text)}` }, status)
      }
      const tooLong = exceeded('characters of the response', text.length, MAX_RESPONSE)
      context.codes = []
      const errors = [clientError(tooLong, context)]
      respond(JSON.stringify({ errors }), { ...own, 'content-type': RESPONSE_TYPE }, 422)
    },
  }
}
