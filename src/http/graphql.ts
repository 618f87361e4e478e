// GraphQL over HTTP, for viewers that are known already: from the body of a request to the answer in the form
// the client takes. It decides nothing about rights: the reader a question is answered with is limited to what
// the viewer may see.

import { type ExecutionResult, subscribe } from 'graphql'
import { NO_ARRIVAL } from '../event.ts'
import { createGraphContext, type GraphContext, type Subscription } from '../graph/context.ts'
import { MOST_POINTS } from '../graph/cost.ts'
import { createDocuments, type Phase, type Question } from '../graph/documents.ts'
import { execute } from '../graph/execute.ts'
import { FairReader, NO_END, type ReadingLimits } from '../graph/fair-reader.ts'
import { exceeded } from '../graph/limits.ts'
import type { PersistedDocuments } from '../graph/persisted.ts'
import { schema } from '../graph/schema.ts'
import type { AuditStore, Clock } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { visibilityOf } from '../visibility.ts'
import { type Accepted, acceptedBy, answerOf, REFUSED, replyWith, UNSOUND } from './answers.ts'
import { type Asked, askedIn } from './asked.ts'
import { type Call, HungUp, type Reply, whileThere } from './exchange.ts'
import { masked, once, plain, type ReportFault } from './faults.ts'
import { type Note, operationNamed } from './note.ts'
import { anyText, persistedTexts } from './persisted.ts'
import { POINTS_OF_REQUEST, type Rates, tooFast } from './rates.ts'
import { refusal } from './refusal.ts'
import type { Answer } from './sse.ts'
import type { Streams } from './streams.ts'

/** Who asks; and, for an answer that lasts, whether it may last. */
export interface Asking {
  readonly viewer: Viewer
  /** Takes what is asked. */
  readonly note: Note
  /** Throws a refusal where the viewer's rights are no longer what they were. */
  recheck(): Promise<void>
}

export interface GraphqlOptions {
  readonly store: AuditStore
  readonly streams: Streams
  readonly reportFault: ReportFault
  readonly clock: Clock
  /** Of each viewer, in points of cost. */
  readonly rates: Rates
  /** How one question may read. */
  readonly reading: ReadingLimits
  /** Where given, no other is answered. */
  readonly persisted: PersistedDocuments | null
  /** Nothing is traced unless given. */
  readonly phase?: Phase
}

/** Rejects with a refusal where the body is no question. */
export type GraphqlHandler = (call: Call, asking: Asking) => Promise<Reply>

export function createGraphql(options: GraphqlOptions): GraphqlHandler {
  const { store, streams, clock, rates, persisted, phase = untraced } = options
  const textOf = persisted === null ? anyText : persistedTexts(persisted)
  const reportOnce = once(options.reportFault)
  const prepare = createDocuments(schema, phase)

  return async (call, asking) => {
    const accepted = acceptedBy(call)
    const { note } = asking
    const report: ReportFault = error => {
      // Whoever hangs up while asking alarms nobody.
      if (!(error instanceof HungUp)) reportOnce(error, note.requestId)
    }
    const asked = askedIn(await call.body())
    const { question, errors } = prepare(textOf(asked))
    if (question === undefined) return replyWith(accepted, { errors }, report, UNSOUND)
    const operation = question.operation(asked.operationName)
    if (operation === null) {
      return refusal(
        400,
        'BAD_USER_INPUT',
        'query holds no such operation, or several; name one of them as operationName',
      )
    }
    note.operation = operationNamed(operation.operation, operation.name?.value)
    const { coerced, errors: complaints } = question.coerce(operation, asked.variables)
    if (coerced === undefined) return replyWith(accepted, { errors: complaints }, report, REFUSED)
    const points = question.points(operation, coerced, asking.viewer.memberships.length)
    if (points > MOST_POINTS) {
      const errors = [exceeded('cost', points, MOST_POINTS)]
      return replyWith(accepted, { errors }, report, UNSOUND)
    }
    const wait = rates.spend(asking.viewer.id, points + POINTS_OF_REQUEST)
    if (wait !== null) return tooFast(wait)
    if (operation.operation === 'subscription') {
      return openStream(call, asking, accepted, question, asked, report)
    }
    const { plan, errors: faults } = question.plan(operation, coerced)
    if (plan === undefined) return replyWith(accepted, { errors: faults }, report)
    const result = phase('execute', () =>
      execute(plan, contextOf(call, asking, NO_SUBSCRIPTION), coerced),
    )
    const answer = result instanceof Promise ? await result : result
    if (call.hasLeft()) throw new HungUp()
    return replyWith(accepted, answer, report)
  }

  function contextOf(
    call: Call,
    { viewer }: Asking,
    subscription: Subscription,
    reading: ReadingLimits = options.reading,
  ): GraphContext {
    return createGraphContext(
      viewer,
      new FairReader(store.reader(visibilityOf(viewer), whileThere(call)), reading),
      clock,
      subscription,
    )
  }

  /** What lasts is answered as a stream, or, to who takes none, refused. */
  async function openStream(
    call: Call,
    asking: Asking,
    accepted: Accepted,
    { document }: Question,
    { operationName, variables }: Asked,
    report: ReportFault,
  ): Promise<Reply> {
    const ending = new AbortController()
    const subscription = { signal: ending.signal, offered: NO_ARRIVAL, reached: NO_ARRIVAL }
    const results = await subscribe({
      schema,
      document,
      contextValue: contextOf(call, asking, subscription, { ...options.reading, ...NO_END }),
      variableValues: variables,
      operationName,
    })
    if (!(Symbol.asyncIterator in results)) return replyWith(accepted, results, report)
    const answers = answersIn(results, report)
    if (!accepted.stream) {
      ending.abort()
      answers.return?.().catch(() => {})
      return refusal(406, 'BAD_USER_INPUT', NO_STREAM)
    }
    return streams.open({
      viewer: asking.viewer.id,
      answers,
      subscription,
      stop: () => ending.abort(),
      left: call.left(),
      recheck: asking.recheck,
      explain: error => plain(masked(error, report)),
      hangUp: call.hangUp,
    })
  }
}

const untraced: Phase = (_, work) => work()

const NO_STREAM = 'a subscription is answered by a stream of events; send Accept: text/event-stream'

const NO_SUBSCRIPTION: Subscription = {
  signal: new AbortController().signal,
  offered: NO_ARRIVAL,
  reached: NO_ARRIVAL,
}

function answersIn(
  results: AsyncGenerator<ExecutionResult>,
  report: ReportFault,
): AsyncIterator<Answer> {
  return {
    async next() {
      const { done, value } = await results.next()
      return done ? { done, value: undefined } : { done: false, value: answerOf(value, report) }
    },
    async return() {
      await results.return(undefined)
      return { done: true, value: undefined }
    },
  }
}
