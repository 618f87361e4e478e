// The media types that a client accepts, by its Accept header with weights.

import Negotiator from 'negotiator'
import { EVENT_STREAM } from './sse.ts'

export const JSON_TYPE = 'application/json'
export const RESPONSE_TYPE = 'application/graphql-response+json'
export const RESPONSE_UTF8 = `${RESPONSE_TYPE}; charset=utf-8`

const STREAM_UTF8 = `${EVENT_STREAM}; charset=utf-8`

/** The preferred type of JSON, or `null` if none is accepted; and whether server-sent events are accepted. */
export function acceptedBy({ headers }: Pick<Request, 'headers'>) {
  const accept = headers.get('accept') || '*/*'
  // The value that nearly all clients send.
  if (accept === JSON_TYPE) return { json: JSON_TYPE, stream: false }
  const types = new Negotiator({ headers: { accept } }).mediaTypes([
    `${JSON_TYPE}; charset=utf-8`,
    RESPONSE_UTF8,
    STREAM_UTF8,
  ])
  const json = types.find(type => type !== STREAM_UTF8)
  return {
    json: json === undefined ? null : json === RESPONSE_UTF8 ? RESPONSE_TYPE : JSON_TYPE,
    stream: types.includes(STREAM_UTF8),
  }
}
