// One request to Scaleway's IAM API by Node's `fetch`. No error contains the secret key, even if a response repeats it.

import { readFileSync } from 'node:fs'
import { readBounded } from '../bounded-bytes.ts'
import { codeOf, quoted } from '../errors.ts'
import { isObject, type Json } from './fields.ts'

export interface ScalewayProfile {
  readonly accessKey: string
  readonly secretKey: string
  /** In lower case. */
  readonly organizationId: string | null
  /** Without a slash at its end. */
  readonly apiUrl: string
}

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

/** MiB, uncompressed: twice the size of a hundred logs with the longest user agents. */
const MAX_RESPONSE = 16

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string }

/** Requests a list, such as `users?page=1`. */
export function send(
  { apiUrl, secretKey }: ScalewayProfile,
  list: string,
  signal: AbortSignal,
): Promise<Response> {
  return fetch(`${apiUrl}/iam/v1alpha1/${list}`, {
    headers: {
      accept: 'application/json',
      'user-agent': `iam-logs-gateway/${version}`,
      'x-auth-token': secretKey,
    },
    // A redirect would send the secret key elsewhere.
    redirect: 'error',
    signal,
  })
}

/**
 * The complete reply to a request: JSON, or a refusal that a retry would not change, with Scaleway's error object, which
 * is empty if the body has none; and the length of the body, uncompressed. Throws a `RequestFailure` for anything else,
 * also if it takes longer than `timeout` milliseconds; or the reason of the signal.
 */
export async function request(
  profile: ScalewayProfile,
  list: string,
  signal: AbortSignal,
  timeout: number,
) {
  const secret = new RegExp(profile.secretKey, 'gi')
  const hide = (text: string) => text.replace(secret, '…')
  const deadline = AbortSignal.timeout(timeout)
  let response: Response
  let bytes: Buffer
  try {
    response = await send(profile, list, AbortSignal.any([signal, deadline]))
    const tooLong = () => new RequestFailure(`the response is larger than ${MAX_RESPONSE} MiB`)
    bytes = await readBounded(response.body ?? [], MAX_RESPONSE * 2 ** 20, tooLong)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RequestFailure) throw error
    if (deadline.aborted) {
      throw new RequestFailure(`no complete response within ${timeout / 1000} s`)
    }
    throw new RequestFailure(`the connection failed: ${quoted(hide(reasonOf(error)))}`)
  }
  const { status, headers, ok } = response
  const text = new TextDecoder().decode(bytes)
  if (!ok) {
    const json = jsonIn(hide(text))
    const body = isObject(json) ? json : {}
    const isTemporary = status >= 500 || [408, 425, 429].includes(status)
    if (isTemporary) throw new RequestFailure(`status ${status}`, waitOf(headers, body))
    return { status, json: body, bytes: bytes.length }
  }
  const type = headers.get('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const found = type === '' ? 'missing' : quoted(hide(type))
    throw new RequestFailure(`the Content-Type is ${found}, not JSON`)
  }
  const json: unknown = jsonIn(text)
  if (json === undefined) throw new RequestFailure('the JSON is incomplete or invalid')
  return { status, json, bytes: bytes.length }
}

/** Node's own messages are `fetch failed` or `terminated`; only the innermost cause says what happened. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  if (error.cause !== undefined) return reasonOf(error.cause)
  return error.message || codeOf(error) || error.name
}

/** `undefined` if it is not JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The longest wait that the response asks for, in milliseconds. */
function waitOf(headers: Headers, { reset_seconds: reset }: Json): number {
  const after = headers.get('retry-after')?.trim() ?? ''
  const seconds = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()
  const waits = [seconds, typeof reset === 'number' ? reset * 1000 : 0]
  return Math.max(0, ...waits.filter(Number.isFinite))
}
