// Receives events as they are recorded, over one request that does not end: server-sent events, each with the cursor to
// resume after. However the stream ends, the next one resumes after the last cursor, so that no event is lost or
// received twice.

import type { EventSourceMessage } from 'eventsource-parser'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type AnswerErrors, codeIn, post, Refused, reachable, Unreachable } from '../api/ask.ts'
import {
  EventRecordedDocument,
  type EventRecordedSubscription,
  type EventRowFragment,
} from '../api/page-documents.ts'
import { waitAfter } from '../api/session.ts'
import type { ListQuery } from './use-pages.ts'

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

/**
 * Runs until `ending`, or rejects with `Refused` if a retry would not help. `begins` is called when a stream begins
 * without a cursor: events recorded since the last load may be missing.
 */
export async function follow(
  { organizationId, filter }: ListQuery,
  begins: () => void,
  add: (event: EventRowFragment) => void,
  ending: AbortSignal,
): Promise<void> {
  let after: string | null = null
  for (let failures = 0; !ending.aborted; failures++) {
    const silence = new AbortController()
    const stopped = AbortSignal.any([ending, silence.signal])
    try {
      const variables = { organizationId, filter, after }
      const accept = 'text/event-stream'
      const response: Response = await post(EventRecordedDocument, variables, accept, stopped)
      if (response.body === null) throw new Error('an answer without a body')
      reachable.value = true
      if (after === null) begins()
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
