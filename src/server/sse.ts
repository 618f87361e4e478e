// Server-sent events in the "distinct connections" mode of GraphQL over SSE: a `next` for each result, and a `complete`
// at the end. The `id` of each is the cursor to resume from; a heartbeat has one too, so that a client that has
// received no event yet loses nothing either.

import type { FeedCursor } from '../event.ts'
import type { Answer } from './error-answers.ts'

export const EVENT_STREAM = 'text/event-stream'

export function next(answer: Answer, cursor?: FeedCursor): string {
  return `${idLine(cursor)}event: next\ndata: ${JSON.stringify(answer)}\n\n`
}

export function complete(cursor?: FeedCursor): string {
  return `${idLine(cursor)}event: complete\ndata:\n\n`
}

/** A comment: it keeps the connection alive, and the first one also makes the headers arrive at clients. */
export function heartbeat(cursor: FeedCursor): string {
  return `:\n${idLine(cursor)}\n`
}

function idLine(cursor: FeedCursor | undefined): string {
  return cursor === undefined ? '' : `id: ${cursor}\n`
}

/** Proxies must not cache, compress or buffer these responses. */
export const STREAM_HEADERS = {
  'content-type': EVENT_STREAM,
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const
