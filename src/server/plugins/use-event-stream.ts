// Subscriptions for clients of GraphQL over SSE: each result has an `id`, and a client that reconnects with its
// Last-Event-ID continues after it. Yoga's own stream has no IDs, does not end for a client that reads nothing or lost
// its rights, and sends `complete` when the server stops. Errors that end a stream include the cursor to resume from.

import type { ExecutionResult } from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import { FEED_START } from '../../event.ts'
import type { GraphContext, Subscription } from '../../schema/context.ts'
import { acceptedBy } from '../accept.ts'
import { answerOf, clientError } from '../error-answers.ts'
import { HttpError } from '../http-error.ts'
import type { Rates } from '../rates.ts'
import { type Plugin, type RequestContext, viewerOf, type YogaContext } from '../request-context.ts'
import { complete, EVENT_STREAM, heartbeat, next, STREAM_HEADERS } from '../sse.ts'
import type { Source, StreamLimits, Streams } from '../streams.ts'

export const STREAM_LIMITS: StreamLimits = {
  heartbeat: 12_000,
  recheck: 2_000,
  patience: 30_000,
  most: 200,
  mostOfViewer: 20,
  life: 3_600_000,
}

const NO_STREAM = 'a subscription is returned as an event stream; send Accept: text/event-stream'

/** `contextOf`: the context of a subscription. */
export function useEventStream(
  streams: Streams,
  rates: Rates,
  contextOf: (context: YogaContext) => GraphContext,
): Plugin {
  const opening = new WeakMap<Request, Subscription>()
  return {
    onSubscribe({ args, extendContext }) {
      const context = args.contextValue as unknown as YogaContext
      const { request } = context
      if (!acceptedBy(request).stream) throw new HttpError(406, NO_STREAM)
      const subscription: Subscription = {
        ending: new AbortController(),
        lastEventId: request.headers.get('last-event-id'),
        offered: FEED_START,
        reached: FEED_START,
      }
      opening.set(request, subscription)
      extendContext({ ...contextOf(context), subscription })
    },
    onResultProcess({ request, result, serverContext, setResultProcessor }) {
      const subscription = opening.get(request)
      if (!isAsyncIterable(result) || subscription === undefined) return
      const { requestContext: context } = serverContext
      const results = result as AsyncIterable<ExecutionResult>
      const source = sourceOf(results, subscription, context, rates)
      setResultProcessor(
        () => streams.respond(source, STREAM_HEADERS, serverContext, request.signal),
        EVENT_STREAM,
      )
    },
  }
}

function sourceOf(
  results: AsyncIterable<ExecutionResult>,
  subscription: Subscription,
  context: RequestContext,
  rates: Rates,
): Source {
  async function* chunks(): Source['chunks'] {
    for await (const result of results) {
      // Each result costs as much as a query; without enough points it is delayed.
      await rates.wait(viewerOf(context).id, context.points)
      // An event that could not be resolved counts as not sent.
      if (result.data == null) throw result.errors?.[0]
      yield () => {
        subscription.reached = subscription.offered
        return next(answerOf(result, context), subscription.reached)
      }
    }
  }

  return {
    chunks: chunks(),
    lastChunk(error) {
      const cursor = subscription.reached
      if (error === undefined) return complete(cursor)
      const { message, extensions } = clientError(error, context)
      const errors = [{ message, extensions: { ...extensions, cursor } }]
      return next({ errors }, cursor) + complete(cursor)
    },
    heartbeat: () => heartbeat(subscription.reached),
    ended: () => subscription.ending.abort(),
  }
}
