// How often and how patiently Scaleway is asked, and what is said when it was in vain. An error from here is
// for whoever runs the program: one line, without a secret.

import { setTimeout as delay } from 'node:timers/promises'
import ms from 'ms'
import pRetry from 'p-retry'
import { quoted, UserError } from '../errors.ts'
import { isObject, type Json } from './fields.ts'
import { type Rejection, RequestFailure } from './http-client.ts'

/** Times are in milliseconds. */
export interface RetryPolicy {
  /** How often a page is asked for at most. */
  readonly tries: number
  /** Before the second try, one to two of these; then about twice as long from try to try. */
  readonly firstWait: number
  readonly longestWait: number
  /** Asked to wait longer than this, it gives up at once. */
  readonly longestAsked: number
  /** For a whole answer. */
  readonly timeout: number
}

export const RETRY_POLICY: RetryPolicy = {
  tries: 8,
  firstWait: 250,
  longestWait: 30_000,
  longestAsked: 120_000,
  timeout: 15_000,
}

/** Scaleway could not be reached, did not answer in order, or asked to come back much later. */
export class ScalewayUnavailable extends Error {
  readonly code = 'SCALEWAY_UNAVAILABLE'

  constructor(message: string) {
    super(message)
    this.name = 'ScalewayUnavailable'
  }
}

/** Scaleway answered that it will not; the status is its own, such as 403. */
export class ScalewayError extends UserError {
  readonly status: number

  constructor(code: UserError['code'], status: number, message: string) {
    super(code, message)
    this.status = status
  }
}

export interface Attempts {
  /** What is asked for, as in `the logs of Organization …, page 3`. */
  readonly what: string
  readonly patience: RetryPolicy
  readonly signal: AbortSignal
  /** Told before each wait, in one line. */
  readonly onRetry: (what: string) => void
}

/**
 * Tries until there is no `Trouble`. Any other error ends it, as thrown; so does the signal, with its reason;
 * after the last try, a ScalewayUnavailable.
 */
export async function withRetry<T>(attempts: Attempts, attempt: () => Promise<T>): Promise<T> {
  const { what, patience, signal, onRetry } = attempts
  let tries = 0
  try {
    return await pRetry(attempt, {
      retries: patience.tries - 1,
      factor: 2,
      randomize: true,
      minTimeout: patience.firstWait,
      maxTimeout: patience.longestWait,
      signal,
      // By itself it would also try again what is a fault of ours.
      shouldRetry: ({ error }) =>
        error instanceof RequestFailure && error.wait <= patience.longestAsked,
      async onFailedAttempt({ error, attemptNumber, retriesLeft, retryDelay }) {
        tries = attemptNumber
        if (!(error instanceof RequestFailure) || error.wait > patience.longestAsked) return
        if (retriesLeft === 0) return
        const wait = Math.max(error.wait, retryDelay)
        onRetry(`${what}: ${error.message}; try ${tries + 1} of ${patience.tries} in ${span(wait)}`)
        // pRetry itself waits for `retryDelay` after this.
        await delay(wait - retryDelay, undefined, { signal })
      },
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RequestFailure)) throw error
    const { message, wait } = error
    const asked = tries === 1 ? 'once' : `${tries} times`
    throw new ScalewayUnavailable(
      wait > patience.longestAsked
        ? `Scaleway did not give ${what} (${message}) and asks to wait ${span(wait)}; try again then`
        : `Scaleway did not give ${what}, asked ${asked}; the last time: ${message}`,
    )
  }
}

function span(milliseconds: number): string {
  return ms(Math.round(milliseconds), { long: true })
}

/** Who asked for what, and who could: what a refusal has to tell. */
export interface Asked {
  readonly what: string
  readonly accessKey: string
  /** The permission sets that allow it, as in `IAMUserReadOnly or IAMReadOnly`. */
  readonly permissionSets: string
}

/** A rejection in words that say what to do. */
export function scalewayErrorFor({ status, body }: Rejection, asked: Asked): ScalewayError {
  const { what, accessKey, permissionSets } = asked
  if (isExpired(body)) {
    const message = `the API key ${accessKey} has expired; make a new one and set SCW_ACCESS_KEY and SCW_SECRET_KEY, or the profile`
    return new ScalewayError('UNAUTHENTICATED', status, message)
  }
  if (status === 401) {
    const message = `Scaleway does not accept the API key ${accessKey}; check SCW_ACCESS_KEY and SCW_SECRET_KEY, or the profile`
    return new ScalewayError('UNAUTHENTICATED', status, message)
  }
  if (status === 403) {
    const message = `the API key ${accessKey} may not read ${what}; give its bearer the permission set ${permissionSets} in the whole Organization`
    return new ScalewayError('FORBIDDEN', status, message)
  }
  const words = wordsOf(body)
  const said = words === '' ? '' : `: ${quoted(words)}`
  const message = `Scaleway refuses ${what}, with status ${status}${said}`
  return new ScalewayError('BAD_USER_INPUT', status, message)
}

/** Scaleway's SDKs disagree on the name of this type. */
function isExpired({ type, reason }: Json): boolean {
  return type === 'expired' || type === 'resource_expired' || reason === 'expired'
}

function wordsOf({ message, details }: Json): string {
  const first: unknown = Array.isArray(details) ? details[0] : undefined
  const detail = isObject(first) ? [first.argument_name, first.help_message ?? first.reason] : []
  return [message, ...detail].filter(part => typeof part === 'string' && part !== '').join(': ')
}
