// What a client takes, by its Accept and the weights in it.

import { EVENT_STREAM } from './sse.ts'

export const JSON_TYPE = 'application/json'
export const RESPONSE_TYPE = 'application/graphql-response+json'
/** Of an answer that is UTF-8, as all are. */
export const RESPONSE_UTF8 = `${RESPONSE_TYPE}; charset=utf-8`

export interface Accepted {
  /** The type of JSON it would rather have; `null` for none. */
  readonly json: typeof JSON_TYPE | typeof RESPONSE_TYPE | null
  /** Whether it takes server-sent events. */
  readonly stream: boolean
}

export function acceptedBy({ headers }: Pick<Request, 'headers'>): Accepted {
  const accept = headers.get('accept') || '*/*'
  if (accept === '*/*') return { json: JSON_TYPE, stream: true }
  if (accept === JSON_TYPE || accept === RESPONSE_TYPE) return { json: accept, stream: false }
  const ranges = accept.toLowerCase().split(',').map(rangeOf)
  const weights = [RESPONSE_TYPE, JSON_TYPE, EVENT_STREAM].map(type => weightOf(type, ranges))
  const [response = NONE, json = NONE, stream = NONE] = weights
  const better = response.quality - json.quality || json.place - response.place
  return {
    json:
      Math.max(response.quality, json.quality) === 0
        ? null
        : better > 0
          ? RESPONSE_TYPE
          : JSON_TYPE,
    stream: stream.quality > 0,
  }
}

interface Range {
  readonly type: string
  readonly quality: number
  readonly place: number
}

const NONE: Range = { type: '', quality: 0, place: Number.POSITIVE_INFINITY }

function rangeOf(text: string, place: number): Range {
  const [type = '', ...parameters] = text.split(';').map(part => part.trim())
  const parameter = (name: string) =>
    parameters.find(one => one.startsWith(`${name}=`))?.slice(name.length + 1)
  const charset = parameter('charset')?.replaceAll('"', '') ?? 'utf-8'
  const quality = Number(parameter('q') ?? 1)
  // What is answered is UTF-8. A weight that is none counts as the full one.
  const given = quality >= 0 && quality <= 1 ? quality : 1
  return { type, quality: charset === 'utf-8' ? given : 0, place }
}

/** By the range that says most of the type; of equal ones, the first. */
function weightOf(type: string, ranges: readonly Range[]): Range {
  const [kind] = type.split('/')
  for (const name of [type, `${kind}/*`, '*/*']) {
    const found = ranges.find(range => range.type === name)
    if (found !== undefined) return found
  }
  return NONE
}
