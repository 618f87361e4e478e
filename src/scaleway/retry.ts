// Retries of requests to Scaleway, and the errors after the last one. Their messages are for the operator: one line,
// without secrets.

import { setTimeout as delay } from 'node:timers/promises'
import ms from 'ms'
import pRetry from 'p-retry'
import { quoted, UserError } from '../errors.ts'
import { isObject, type Json } from './fields.ts'
import { RequestFailure } from './http-client.ts'

/** Times in milliseconds. */
const RETRY_POLICY = {
  /** The maximum number of requests per page. */
  tries: 8,
  /** The wait before the second try is one to two times this, and about doubles with each try. */
  firstWait: 250,
  longestWait: 30_000,
  /** Gives up at once if Scaleway asks to wait longer. */
  longestAsked: 120_000,
  /** For a whole response. */
  timeout: 15_000,
}

export interface ScalewayOptions {
  readonly signal: AbortSignal
  /** Called before each retry with a one-line description of the failure. */
  readonly onRetry?: (what: string) => void
  readonly patience?: Partial<typeof RETRY_POLICY>
}

/** Scaleway could not be reached, gave invalid responses, or asked to wait too long. */
export class ScalewayUnavailable extends Error {
  readonly code = 'SCALEWAY_UNAVAILABLE'

  constructor(message: string) {
    super(message)
    this.name = 'ScalewayUnavailable'
  }
}

/** Scaleway refused the request, with this status. */
export class ScalewayError extends UserError {
  readonly status: number

  constructor(code: UserError['code'], status: number, message: string) {
    super(code, message)
    this.status = status
  }
}

/**
 * Retries on `RequestFailure`. Rejects with any other error as thrown, with the signal's reason, or with
 * `ScalewayUnavailable` after the last try. `what` is for example `the logs of Organization …, page 3`.
 */
export async function withRetry<T>(
  what: string,
  { signal, onRetry, patience: given }: ScalewayOptions,
  attempt: (timeout: number) => Promise<T>,
): Promise<T> {
  const patience = { ...RETRY_POLICY, ...given }
  let tries = 0
  const counted = (number: number) => {
    tries = number
    return attempt(patience.timeout)
  }
  try {
    return await pRetry(counted, {
      retries: patience.tries - 1,
      factor: 2,
      randomize: true,
      minTimeout: patience.firstWait,
      maxTimeout: patience.longestWait,
      signal,
      // Called if there is another try. By default p-retry would also retry after bugs of our own.
      async shouldRetry({ error, retryDelay }) {
        if (!(error instanceof RequestFailure) || error.wait > patience.longestAsked) return false
        const wait = Math.max(error.wait, retryDelay)
        onRetry?.(
          `${what}: ${error.message}; try ${tries + 1} of ${patience.tries} in ${span(wait)}`,
        )
        // p-retry itself waits for `retryDelay` after this.
        await delay(wait - retryDelay, undefined, { signal })
        return true
      },
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RequestFailure)) throw error
    const { message, wait } = error
    const count = tries === 1 ? 'once' : `${tries} times`
    throw new ScalewayUnavailable(
      wait > patience.longestAsked
        ? `Scaleway did not return ${what} (${message}) and asks to wait ${span(wait)}; try again then`
        : `Scaleway did not return ${what}, requested ${count}; the last error: ${message}`,
    )
  }
}

function span(milliseconds: number): string {
  return ms(Math.round(milliseconds), { long: true })
}

/** The error for a refusal, with what to do. */
export function scalewayErrorFor(
  { status, json }: { readonly status: number; readonly json: unknown },
  { what, accessKey, permissionSets }: Record<'what' | 'accessKey' | 'permissionSets', string>,
): ScalewayError {
  const body = json as Json
  const refusal = (code: UserError['code'], message: string) =>
    new ScalewayError(code, status, message)
  const remedy = 'SCW_ACCESS_KEY and SCW_SECRET_KEY, or the profile'
  // Scaleway's SDKs disagree on the name of this type.
  const isExpired = body.type === 'expired' || body.type === 'resource_expired'
  if (isExpired || body.reason === 'expired') {
    const message = `the API key ${accessKey} has expired; create a new one and set ${remedy}`
    return refusal('UNAUTHENTICATED', message)
  }
  if (status === 401) {
    const message = `Scaleway does not accept the API key ${accessKey}; check ${remedy}`
    return refusal('UNAUTHENTICATED', message)
  }
  if (status === 403) {
    const message = `the API key ${accessKey} may not read ${what}; give its bearer the permission set ${permissionSets} in the whole Organization`
    return refusal('FORBIDDEN', message)
  }
  const text = textOf(body)
  const reason = text === '' ? '' : `: ${quoted(text)}`
  return refusal('BAD_USER_INPUT', `Scaleway refuses ${what}, with status ${status}${reason}`)
}

function textOf({ message, details }: Json): string {
  const first: unknown = Array.isArray(details) ? details[0] : undefined
  const detail = isObject(first) ? [first.argument_name, first.help_message ?? first.reason] : []
  return [message, ...detail].filter(part => typeof part === 'string' && part !== '').join(': ')
}
