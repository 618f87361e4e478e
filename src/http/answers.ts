// One answer as the client takes it: as JSON of either type, or, to who takes nothing else, as a stream of one.

import type { ExecutionResult } from 'graphql'
import { exceeded } from '../graph/limits.ts'
import type { Call, Reply } from './exchange.ts'
import { masked, plain, type ReportFault, withCode } from './faults.ts'
import { type Answer, complete, EVENT_STREAM, eventStream, next } from './sse.ts'

const JSON_TYPE = 'application/json'
const RESPONSE_TYPE = 'application/graphql-response+json'

/** What a client takes. */
export interface Accepted {
  /** The type of JSON it would rather have; `null` for none. */
  readonly json: typeof JSON_TYPE | typeof RESPONSE_TYPE | null
  readonly stream: boolean
}

export function acceptedBy({ headers }: Call): Accepted {
  const accept = headers.get('accept') || '*/*'
  if (accept === '*/*' || accept === JSON_TYPE) return { json: JSON_TYPE, stream: accept === '*/*' }
  const types = accept
    .toLowerCase()
    .replace(/\s/g, '')
    .split(',')
    .map(type => type.split(';'))
    // What is answered is UTF-8.
    .filter(([, ...rest]) => !rest.some(one => /^charset=(?!"?utf-8"?$)/.test(one)))
    .map(([type]) => type)
  const wanted = types.find(type => type !== undefined && type in JSON_FOR)
  return {
    json: wanted === undefined ? null : (JSON_FOR[wanted] ?? null),
    stream: ['*/*', 'text/*', EVENT_STREAM].some(type => types.includes(type)),
  }
}

const JSON_FOR: Readonly<Record<string, typeof JSON_TYPE | typeof RESPONSE_TYPE>> = {
  __proto__: null as never,
  [JSON_TYPE]: JSON_TYPE,
  [RESPONSE_TYPE]: RESPONSE_TYPE,
  'application/*': JSON_TYPE,
  '*/*': JSON_TYPE,
}

/** The status an answer goes with, by its type: who takes plain JSON may expect 200 whatever is in it. */
export type Status = Readonly<Record<typeof JSON_TYPE | typeof RESPONSE_TYPE, number>>

export const ANSWERED: Status = { [JSON_TYPE]: 200, [RESPONSE_TYPE]: 200 }
/** The question is none that the schema knows. */
export const UNSOUND: Status = { [JSON_TYPE]: 200, [RESPONSE_TYPE]: 400 }
/** The question is sound, but not with these variables. */
export const REFUSED: Status = { [JSON_TYPE]: 400, [RESPONSE_TYPE]: 400 }

export function replyWith(
  { json, stream }: Accepted,
  result: ExecutionResult,
  report: ReportFault,
  status = ANSWERED,
): Reply {
  const answer = answerOf(result, report)
  const codes = answer.errors?.map(({ extensions }) => String(extensions.code)) ?? []
  if (json !== null) {
    const body = JSON.stringify(answer)
    if (body.length > LONGEST_ANSWER) return tooLong(json, body.length)
    return {
      status: status[json],
      headers: headersFor(json),
      body,
      codes,
    }
  }
  if (stream) return { ...eventStream(next(answer) + complete()), codes }
  return NOT_ACCEPTABLE
}

/** It holds what its viewer may see, so nobody in between may keep it. */
function headersFor(type: typeof JSON_TYPE | typeof RESPONSE_TYPE): Reply['headers'] {
  return { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }
}

/** Of an answer, in UTF-16 units; one page of the longest user agents there are is longer. */
const LONGEST_ANSWER = 4_000_000

function tooLong(type: typeof JSON_TYPE | typeof RESPONSE_TYPE, length: number): Reply {
  const body = { errors: [plain(exceeded('characters of the answer', length, LONGEST_ANSWER))] }
  return {
    status: 200,
    headers: headersFor(type),
    body: JSON.stringify(body),
    codes: ['LIMIT_EXCEEDED'],
  }
}

const NOT_ACCEPTABLE: Reply = {
  status: 406,
  headers: {
    accept: [EVENT_STREAM, RESPONSE_TYPE, JSON_TYPE].join(', '),
    'cache-control': 'no-store',
  },
  body: null,
}

/** As it goes to the client: each error with a documented code and nothing that is not the client's. */
export function answerOf(result: ExecutionResult, report: ReportFault): Answer {
  const { data, errors } = result
  if (errors === undefined) return result
  return {
    errors: errors.map(error => plain(withCode(masked(error, report)))),
    ...(data !== undefined && { data }),
  }
}
