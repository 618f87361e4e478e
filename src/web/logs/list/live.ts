// Receives events as they are recorded, over one request that does not end: server-sent events, each with the cursor to
// resume after. However the stream ends, the next one resumes after the last cursor, so that no event is lost or
// received twice.

import type { EventSourceMessage } from 'eventsource-parser'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type AnswerErrors, codeIn, post, Refused, reachable, Unreachable } from '../api/ask.ts'
import {
  type EventFilter,
  EventRecordedDocument,
  type EventRecordedSubscription,
  type EventRecordedSubscriptionVariables,
  type EventRowFragment,
} from '../api/page-documents.ts'
import { waitAfter } from '../api/session.ts'
import { arrived } from '../parts/answers.ts'

interface Following {
  readonly organizationId: string
  readonly filter: EventFilter
  /** In order of arrival, several at once if they come fast. */
  events(events: readonly EventRowFragment[]): void
  /** A new stream begins without a cursor: events recorded since the last load may be missing. */
  begins(): void
  /** The server refuses the subscription; a retry would not help. */
  refused(reason: Refused): void
}

interface Message {
  readonly data?: EventRecordedSubscription | null
  readonly errors?: AnswerErrors
}

/** The only error that a retry would meet again. After any other error, the server decides anew. */
const WRONG = 'BAD_USER_INPUT'

/**
 * The server sends a comment with the current cursor every 12 seconds, so a longer silence means a broken connection.
 */
const SILENCE = 30_000

/** The interval at which received events are passed on, in milliseconds: faster changes could not be read. */
const BATCH = 250

/** Runs until the returned function is called. */
export function follow(following: Following): () => void {
  const ending = new AbortController()
  const held: EventRowFragment[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  function handOn(): void {
    timer = undefined
    arrived.value += held.length
    following.events(held.splice(0))
  }
  function add(event: EventRowFragment): void {
    held.push(event)
    timer ??= setTimeout(handOn, BATCH)
  }
  run(following, add, ending.signal).catch(error => {
    if (!ending.signal.aborted && error instanceof Refused) following.refused(error)
  })
  return () => {
    ending.abort()
    clearTimeout(timer)
  }
}

async function run(
  following: Following,
  add: (event: EventRowFragment) => void,
  ending: AbortSignal,
): Promise<void> {
  const { organizationId, filter } = following
  let after: string | null = null
  for (let failures = 0; !ending.aborted; failures++) {
    const silence = new AbortController()
    const stopped = AbortSignal.any([ending, silence.signal])
    try {
      const variables: EventRecordedSubscriptionVariables = { organizationId, filter, after }
      const response: Response = await post(
        EventRecordedDocument,
        variables,
        'text/event-stream',
        stopped,
      )
      if (response.body === null) throw new Error('an answer without a body')
      reachable.value = true
      if (after === null) following.begins()
      // The first ID comes before every event: it is the cursor where the stream begins.
      const onId = (id: string) => {
        after ??= id
        failures = -1
      }
      for await (const { id, data } of messages(response.body, silence, onId)) {
        after = id ?? after
        const { data: answer, errors } = JSON.parse(data || '{}') as Message
        if (answer != null) add(answer.eventRecorded)
        if (errors !== undefined && codeIn(errors) === WRONG) throw new Refused(WRONG)
      }
    } catch (error) {
      const isRefused = error instanceof Refused && !(error instanceof Unreachable)
      if (ending.aborted || isRefused) throw error
    }
    await new Promise(resolve => setTimeout(resolve, waitAfter(failures)))
  }
}

/** Ends without an error when the connection ends; a silent connection is closed. */
async function* messages(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  silence: AbortController,
  onId: (id: string) => void,
): AsyncGenerator<EventSourceMessage> {
  let timer: ReturnType<typeof setTimeout> | undefined
  function heard(): void {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENCE)
  }
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ onComment: heard, onId }))
    .getReader()
  try {
    for (;;) {
      heard()
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    clearTimeout(timer)
    reader.cancel().catch(() => {})
  }
}
