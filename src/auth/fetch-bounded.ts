// Requests to an identity provider, with a limit for the response: a hostile provider could fill the memory.

import { readBounded } from '../bounded-bytes.ts'

/** Bytes, uncompressed. */
const MAX_RESPONSE = 262_144

/** Like `fetch`, but with the whole body; rejects if the body does not arrive or is too large. */
export async function fetchBounded(url: string, init: RequestInit): Promise<Response> {
  const { body, status, headers } = await fetch(url, init)
  const tooLong = () => new Error(`the response is larger than ${MAX_RESPONSE} bytes`)
  const bytes = await readBounded(body ?? [], MAX_RESPONSE, tooLong)
  return new Response(status === 204 || status === 304 ? null : bytes, { status, headers })
}
