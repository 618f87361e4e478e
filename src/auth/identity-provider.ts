// Requests to an identity provider: with a limit for the response, because a hostile provider could fill the memory, and
// with a pause after a failure, because anybody can cause such requests.

import { readBounded } from '../bounded-bytes.ts'

/** Bytes, uncompressed. */
const MAX_RESPONSE = 262_144

/** Milliseconds. */
const PAUSE = 10_000

/** The provider does not respond, or its response is invalid. Has no `cause` if no request was sent, see `PAUSE`. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}

/** Like `fetch`, but with the whole body; rejects if the body does not arrive or is too large. */
export async function fetchBounded(url: string, init: RequestInit): Promise<Response> {
  const { body, status, headers } = await fetch(url, init)
  const tooLong = () => new Error(`the response is larger than ${MAX_RESPONSE} bytes`)
  const bytes = await readBounded(body ?? [], MAX_RESPONSE, tooLong)
  return new Response(status === 204 || status === 304 ? null : bytes, { status, headers })
}

/** `failure`: the message of the errors. */
export function createPause(failure: string) {
  let until = 0
  return {
    /** Throws during a pause. */
    check(): void {
      if (Date.now() < until) throw new IssuerUnavailable(failure)
    },
    /** Begins a pause; returns the error to throw. */
    after(cause: unknown): IssuerUnavailable {
      until = Date.now() + PAUSE
      return new IssuerUnavailable(failure, { cause })
    },
  }
}
