// What a client takes, by its Accept and the weights in it.

import Negotiator from 'negotiator'
import { EVENT_STREAM } from './sse.ts'

export const JSON_TYPE = 'application/json'
export const RESPONSE_TYPE = 'application/graphql-response+json'
/** Of an answer that is UTF-8, as all are. */
export const RESPONSE_UTF8 = `${RESPONSE_TYPE}; charset=utf-8`

const STREAM_UTF8 = `${EVENT_STREAM}; charset=utf-8`

export interface Accepted {
  /** The type of JSON it would rather have; `null` for none. */
  readonly json: typeof JSON_TYPE | typeof RESPONSE_TYPE | null
  /** Whether it takes server-sent events. */
  readonly stream: boolean
}

export function acceptedBy({ headers }: Pick<Request, 'headers'>): Accepted {
  const accept = headers.get('accept') || '*/*'
  // As nearly all write it.
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
