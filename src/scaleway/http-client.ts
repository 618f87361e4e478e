// One request to Scaleway by Node's `fetch`. The outcome is JSON, a `RequestFailure`, for which a retry may help, or a
// `Rejection`, for which it does not. None of them contains the secret key, even if a response repeats it.

import { readBounded } from '../bounded-bytes.ts'
import { quoted } from '../errors.ts'
import { isObject, type Json } from './fields.ts'

/** A failure that may be temporary. Its message is the end of a sentence. */
export class RequestFailure extends Error {
  /** Milliseconds that Scaleway asks to wait; 0 if it does not say. */
  readonly wait: number

  constructor(message: string, wait = 0) {
    super(message)
    this.name = 'RequestFailure'
    this.wait = wait
  }
}

/** A response that a retry would not change. */
export class Rejection extends Error {
  readonly status: number
  /** Scaleway's error object; empty if the body has none. */
  readonly body: Json

  constructor(status: number, body: Json) {
    super(`status ${status}`)
    this.name = 'Rejection'
    this.status = status
    this.body = body
  }
}

export interface HttpClientOptions {
  /** Aborts a request, which then rejects with its reason. */
  readonly signal: AbortSignal
  /** Milliseconds for the request and the whole response. */
  readonly timeout: number
  /** Removes the secret key from a text. */
  readonly hide: (text: string) => string
  /** Called with the number of bytes of each response, uncompressed. */
  readonly received: (bytes: number) => void
}

/** MiB, uncompressed: twice the size of a hundred logs with the longest user agents. */
const MAX_RESPONSE = 16

/** A `fetch` for the SDK: returns complete JSON, and throws for everything else. */
export function createHttpClient({ signal, timeout, hide, received }: HttpClientOptions) {
  return async (request: Request | URL | string): Promise<Response> => {
    const deadline = AbortSignal.timeout(timeout)
    let response: Response
    let text: string
    try {
      response = await fetch(request, {
        // A redirect would send the secret key elsewhere.
        redirect: 'error',
        signal: AbortSignal.any([signal, deadline]),
      })
      text = await textOf(response, received)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof RequestFailure) throw error
      if (deadline.aborted)
        throw new RequestFailure(`no complete response within ${timeout / 1000} s`)
      throw new RequestFailure(`the connection failed: ${quoted(hide(reasonOf(error)))}`)
    }
    const { status, headers } = response
    if (!response.ok) {
      const body = jsonObject(hide(text))
      if (isTemporary(status)) throw new RequestFailure(`status ${status}`, waitOf(headers, body))
      throw new Rejection(status, body)
    }
    const type = headers.get('content-type') ?? ''
    if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
      throw new RequestFailure(
        `the Content-Type is ${type === '' ? 'missing' : quoted(hide(type))}, not JSON`,
      )
    }
    // The SDK recognises JSON only by exactly this type.
    return new Response(text, { headers: { 'Content-Type': 'application/json' } })
  }
}

async function textOf({ body }: Response, received: (bytes: number) => void): Promise<string> {
  const tooLong = () => new RequestFailure(`the response is larger than ${MAX_RESPONSE} MiB`)
  const bytes = body && (await readBounded(body, MAX_RESPONSE * 2 ** 20, tooLong))
  received(bytes?.length ?? 0)
  return new TextDecoder().decode(bytes ?? undefined)
}

function isTemporary(status: number): boolean {
  return status >= 500 || status === 429 || status === 408 || status === 425
}

/** Node's own messages are `fetch failed` or `terminated`; only the innermost cause says what happened. */
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

/** The longest wait that the response asks for, in milliseconds. */
function waitOf(headers: Headers, { reset_seconds: reset }: Json): number {
  const after = headers.get('retry-after')?.trim() ?? ''
  const seconds = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()
  const waits = [seconds, typeof reset === 'number' ? reset * 1000 : 0]
  return Math.max(0, ...waits.filter(Number.isFinite))
}
