// One request to Scaleway and its answer, by Node's `fetch`. What comes back is sorted here, and nowhere else:
// JSON that was asked for, a `Trouble` that may be gone next time, or a `Rejection` that will not. Nothing of
// these holds the secret key, also where an answer repeats it.

import { readBounded } from '../bounded-bytes.ts'
import { quoted } from '../errors.ts'
import { isObject, type Json } from './fields.ts'

/** Something that may pass. Its message says in a few words what, as the end of a sentence. */
export class RequestFailure extends Error {
  /** For how long Scaleway asks to be left alone, in milliseconds; 0: it does not say. */
  readonly wait: number

  constructor(message: string, wait = 0) {
    super(message)
    this.name = 'Trouble'
    this.wait = wait
  }
}

/** An answer that asking again would not change. */
export class Rejection extends Error {
  readonly status: number
  /** What Scaleway says of it: its error object, empty where the answer is none. */
  readonly body: Json

  constructor(status: number, body: Json) {
    super(`status ${status}`)
    this.name = 'Rejection'
    this.status = status
    this.body = body
  }
}

export interface HttpClientOptions {
  /** Its abort ends a request at once, which then rejects with its reason. */
  readonly signal: AbortSignal
  /** For request, answer and body together, in milliseconds. */
  readonly timeout: number
  /** Takes the secret key out of a text. */
  readonly hide: (text: string) => string
  /** Told how many bytes came, unpacked. */
  readonly received: (bytes: number) => void
}

/** Of an answer, unpacked, in MiB: a hundred logs whose user agents are as long as can be have half of it. */
const LARGEST_ANSWER = 16

/** A `fetch` for the SDK: answers with whole bodies of JSON, and throws everything else. */
export function createHttpClient({ signal, timeout, hide, received }: HttpClientOptions) {
  return async (request: Request | URL | string): Promise<Response> => {
    const deadline = AbortSignal.timeout(timeout)
    let response: Response
    let text: string
    try {
      response = await fetch(request, {
        // The secret key would go wherever the answer points.
        redirect: 'error',
        signal: AbortSignal.any([signal, deadline]),
      })
      text = await textOf(response, received)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof RequestFailure) throw error
      if (deadline.aborted) throw new RequestFailure(`no whole answer within ${timeout / 1000} s`)
      throw new RequestFailure(`the connection failed: ${quoted(hide(reasonOf(error)))}`)
    }
    const { status, headers } = response
    if (!response.ok) {
      const body = jsonObject(hide(text))
      if (isPassing(status)) throw new RequestFailure(`status ${status}`, waitOf(headers, body))
      throw new Rejection(status, body)
    }
    const type = headers.get('content-type') ?? ''
    if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
      throw new RequestFailure(`not JSON but ${type === '' ? 'nothing' : quoted(hide(type))}`)
    }
    // The SDK takes no other spelling of this type for JSON.
    return new Response(text, { headers: { 'Content-Type': 'application/json' } })
  }
}

async function textOf({ body }: Response, received: (bytes: number) => void): Promise<string> {
  const tooLong = () => new RequestFailure(`the answer is larger than ${LARGEST_ANSWER} MiB`)
  const bytes = body && (await readBounded(body, LARGEST_ANSWER * 2 ** 20, tooLong))
  received(bytes?.length ?? 0)
  return new TextDecoder().decode(bytes ?? undefined)
}

function isPassing(status: number): boolean {
  return status >= 500 || status === 429 || status === 408 || status === 425
}

/** Node says `fetch failed` or `terminated` of everything; what it was, only the last cause tells. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  if (error.cause !== undefined) return reasonOf(error.cause)
  return error.message || ('code' in error ? String(error.code) : error.name)
}

function jsonObject(text: string): Json {
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : {}
  } catch {
    return {}
  }
}

/** The longest of what the answer says, in milliseconds. */
function waitOf(headers: Headers, { reset_seconds: reset }: Json): number {
  const after = headers.get('retry-after')?.trim() ?? ''
  const seconds = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()
  const asked = [seconds, typeof reset === 'number' ? reset * 1000 : 0]
  return Math.max(0, ...asked.filter(Number.isFinite))
}
