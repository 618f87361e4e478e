// GraphQL over HTTP: graphql-yoga around the schema, for viewers that are known already. It decides nothing
// about rights: the reader it is given is limited to what the viewer may see.

import type { ExecutionResult } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { NO_ARRIVAL } from '../event.ts'
import { createGraphContext, type GraphContext, type Subscription } from '../graph/context.ts'
import { schema } from '../graph/schema.ts'
import type { AuditStore, Clock } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { visibilityOf } from '../visibility.ts'
import { codes, masked, once, plain, type ReportFault, withCode } from './faults.ts'
import { refusal } from './refusal.ts'
import { type Answer, complete, EVENT_STREAM, eventStream, next } from './sse.ts'
import type { Streams } from './streams.ts'

/** Who asks; and, for an answer that lasts, whether it may last, and what to do when it has ended. */
export interface Asking {
  readonly viewer: Viewer
  /** Throws a refusal where the viewer's rights are no longer what they were. */
  recheck(): Promise<void>
  /** See `Stream.hangUp`. */
  hangUp(): void
}

/** `Asking`, and what else lasts as long as the request. */
interface Lasting extends Asking {
  readonly subscription: Subscription
  stop(): void
}

export interface GraphqlOptions {
  readonly store: AuditStore
  readonly streams: Streams
  readonly reportFault: ReportFault
  readonly clock: Clock
}

export type GraphqlHandler = (request: Request, asking: Asking) => Promise<Response>

export function createGraphql(options: GraphqlOptions): GraphqlHandler {
  const { store, streams, clock } = options
  const report = once(options.reportFault)
  const yoga = createYoga<Lasting, GraphContext>({
    schema,
    context: ({ viewer, subscription }) =>
      createGraphContext(viewer, store.reader(visibilityOf(viewer)), clock, subscription),
    plugins: [codes(), serverSentEvents(streams, report)],
    maskedErrors: { isDev: false, maskError: error => masked(error, report) },
    logging: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    cors: false,
  })
  return async (request, asking) => {
    const ending = new AbortController()
    const { signal } = ending
    const subscription = { signal, offered: NO_ARRIVAL, reached: NO_ARRIVAL }
    return yoga.fetch(request, { ...asking, subscription, stop: () => ending.abort() })
  }
}

/**
 * What lasts is answered as a stream, or, to who takes none, refused; Yoga's own streams neither say where to
 * resume nor end by themselves. What is one answer becomes a stream only for who takes nothing else.
 */
function serverSentEvents(streams: Streams, report: ReportFault): Plugin<object, Lasting> {
  return {
    onResultProcess({ request, result, serverContext: asking, setResultProcessor }) {
      const types = acceptedTypes(request)
      const takesStream = ['*/*', 'text/*', EVENT_STREAM].some(type => types.has(type))
      if (Array.isArray(result)) return
      if (!(Symbol.asyncIterator in result)) {
        const takesJson = ['*/*', 'application/*', ...JSON_TYPES].some(type => types.has(type))
        if (takesStream && !takesJson) {
          setResultProcessor(result => single(result as ExecutionResult), EVENT_STREAM)
        }
        return
      }
      setResultProcessor(result => {
        const answers = answersIn(
          (result as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator](),
        )
        if (takesStream) {
          const explain = (error: unknown) => plain(masked(error, report))
          return streams.open({ ...asking, answers, left: request.signal, explain })
        }
        asking.stop()
        answers.return?.().catch(() => {})
        return refusal(406, 'BAD_USER_INPUT', NO_STREAM)
      }, EVENT_STREAM)
    },
  }
}

const JSON_TYPES = ['application/graphql-response+json', 'application/json']

const NO_STREAM = 'a subscription is answered by a stream of events; send Accept: text/event-stream'

function acceptedTypes(request: Request): Set<string> {
  const types = (request.headers.get('accept') || '*/*').toLowerCase().split(',')
  return new Set(types.map(type => type.split(';')[0]?.trim() ?? ''))
}

function single(result: ExecutionResult): Response {
  const status = Math.max(
    200,
    ...(result.errors ?? []).map(({ extensions: { http } }) =>
      http === undefined || http.spec ? 200 : (http.status ?? 200),
    ),
  )
  return eventStream(next(answerOf(result)) + complete(), status)
}

function answersIn(results: AsyncIterator<ExecutionResult>): AsyncIterator<Answer> {
  return {
    async next() {
      const { done, value } = await results.next()
      return done ? { done, value: undefined } : { done: false, value: answerOf(value) }
    },
    async return() {
      await results.return?.()
      return { done: true, value: undefined }
    },
  }
}

function answerOf({ data, errors, extensions }: ExecutionResult): Answer {
  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors: errors.map(error => plain(withCode(error))) }),
    ...(extensions && { extensions }),
  }
}
