// Subscriptions as clients of GraphQL over SSE expect them: each answer with an `id`, and a client that comes back with
// its Last-Event-ID goes on behind it. Not Yoga's own stream, as that one has no IDs, no end for a client that takes
// nothing or lost its rights, and tells every client that it is over when the server stops.

import type { ExecutionResult } from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import { NO_ARRIVAL } from '../../event.ts'
import type { GraphContext, Subscription } from '../../graph/context.ts'
import { acceptedBy, RESPONSE_UTF8 } from '../accept.ts'
import { type Answer, answerOf, masked, plain } from '../errors.ts'
import { lastingResponse } from '../lasting.ts'
import type { Rates } from '../rates.ts'
import { HttpRefusal, type ReportFault, refused } from '../refusal.ts'
import {
  type Plugin,
  type RequestContext,
  type ServerContext,
  viewerOf,
} from '../request-context.ts'
import { EVENT_STREAM, STREAM_HEADERS } from '../sse.ts'
import type { Streams } from '../streams.ts'

export interface EventStreamOptions {
  readonly streams: Streams
  readonly rates: Rates
  readonly report: ReportFault
  /** The context of what lasts. */
  readonly lasting: (context: ServerContext & { request: Request }) => GraphContext
}

const NO_STREAM = 'a subscription is answered by a stream of events; send Accept: text/event-stream'

export function useEventStream(options: EventStreamOptions): Plugin {
  const { streams, rates, report, lasting } = options
  /** By the request that opens it. */
  const opening = new WeakMap<Request, { subscription: Subscription; stop: () => void }>()
  return {
    onSubscribe({ args, extendContext }) {
      const context = args.contextValue as unknown as ServerContext & { request: Request }
      const { request } = context
      if (!acceptedBy(request).stream) throw new HttpRefusal(406, 'BAD_USER_INPUT', NO_STREAM)
      const ending = new AbortController()
      const subscription: Subscription = {
        signal: ending.signal,
        lastEventId: request.headers.get('last-event-id'),
        offered: NO_ARRIVAL,
        reached: NO_ARRIVAL,
      }
      opening.set(request, { subscription, stop: () => ending.abort() })
      extendContext({ ...lasting(context), subscription })
    },
    onResultProcess({ request, result, serverContext, setResultProcessor }) {
      const found = opening.get(request)
      if (!isAsyncIterable(result) || found === undefined) return
      const { requestContext: context, res } = serverContext
      const tell: ReportFault = error => report(error, context.requestId)
      setResultProcessor((_, { Response }) => {
        try {
          const { body, codes } = streams.open({
            ...found,
            viewer: viewerOf(context).id,
            answers: paid(
              answersIn(result as AsyncIterable<ExecutionResult>, tell),
              context,
              rates,
            ),
            left: request.signal,
            recheck: () => context.recheck(),
            explain: error => plain(masked(error, tell)),
            hangUp: serverContext.hangUp ?? (() => res?.setTimeout(LAST_WORDS)),
          })
          context.codes = codes
          return lastingResponse(body, STREAM_HEADERS, serverContext, request.signal)
        } catch (error) {
          const { body, ...init } = refused(error, context, tell, RESPONSE_UTF8)
          return new Response(body, init)
        }
      }, EVENT_STREAM)
    },
  }
}

/** How long a client may take to read the last words of a stream that has ended, in milliseconds. */
const LAST_WORDS = 2_000

function answersIn(
  results: AsyncIterable<ExecutionResult>,
  report: ReportFault,
): AsyncIterator<Answer> {
  const iterator = results[Symbol.asyncIterator]()
  return {
    async next() {
      const { done, value } = await iterator.next()
      return done ? { done, value: undefined } : { done: false, value: answerOf(value, report) }
    },
    async return() {
      await iterator.return?.()
      return { done: true, value: undefined }
    },
  }
}

/** Each answer costs as much as a query; who cannot pay gets the next one later. */
function paid(
  answers: AsyncIterator<Answer>,
  context: RequestContext,
  rates: Rates,
): AsyncIterator<Answer> {
  return {
    ...answers,
    async next() {
      const found = await answers.next()
      await rates.wait(viewerOf(context).id, context.points)
      return found
    },
  }
}
