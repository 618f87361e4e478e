// Answers as server-sent events, in the wire format of the "distinct connections" mode of GraphQL over SSE: each answer
// is a `next`, and one `complete` says that there will never be more. The `id` of each is where to resume after it.

import type { FeedMark } from '../event.ts'
import type { Answer } from './error-answers.ts'

export const EVENT_STREAM = 'text/event-stream'

export function next(answer: Answer, mark?: FeedMark): string {
  return `${idLine(mark)}event: next\ndata: ${JSON.stringify(answer)}\n\n`
}

export function complete(mark?: FeedMark): string {
  return `${idLine(mark)}event: complete\ndata:\n\n`
}

function idLine(mark: FeedMark | undefined): string {
  return mark === undefined ? '' : `id: ${mark}\n`
}

/** No proxy in between may keep these, compress them, or hold them back until there are more. */
export const STREAM_HEADERS = {
  'content-type': EVENT_STREAM,
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const
