// Answers as server-sent events, in the wire format of the "distinct connections" mode of GraphQL over SSE:
// each answer is a `next`, and one `complete` is the end. The `id` of each is where to resume after it.

import type { ArrivalMark } from '../event.ts'
import type { Reply } from './exchange.ts'

/** What stands in an answer; errors as they go to the client. */
export interface Answer {
  readonly data?: unknown
  readonly errors?: readonly AnswerError[] | undefined
  readonly extensions?: unknown
}

export interface AnswerError {
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>>
}

export const EVENT_STREAM = 'text/event-stream'

/** Says nothing but that somebody is there; the first one also makes clients see the headers. */
export const HEARTBEAT = ':\n\n'

export function next(answer: Answer, mark?: ArrivalMark): string {
  return `${idLine(mark)}event: next\ndata: ${JSON.stringify(answer)}\n\n`
}

export function complete(mark?: ArrivalMark): string {
  return `${idLine(mark)}event: complete\ndata:\n\n`
}

function idLine(mark: ArrivalMark | undefined): string {
  return mark === undefined ? '' : `id: ${mark}\n`
}

/** No proxy in between may keep these, or hold them back until there are more. */
export function eventStream(body: Exclude<Reply['body'], null>, status = 200): Reply {
  return {
    status,
    headers: {
      'content-type': EVENT_STREAM,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
    body,
  }
}
