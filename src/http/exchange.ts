// A request and its answer as the server's rooms see them, whichever way they came: from Node's own server,
// for which no more is built than is asked for (server.ts), or as the platform's Request and Response.

import type { DenialReason } from '../audit-record.ts'
import { Refusal } from '../errors.ts'

/** What is asked for. */
export interface Call {
  readonly method: string
  /** Of the URL, with dots resolved. */
  readonly path: string
  /** What the client calls this server: a name or an address, maybe with a port. */
  readonly host: string
  /** Whose connection it is; of a proxy's, the proxy. `null` where nobody knows. */
  readonly address: string | null
  /** What stands behind the question mark; the caller's to change. */
  query(): URLSearchParams
  readonly headers: { get(name: string): string | null }
  /** The whole body. To be called once. Rejects with `HungUp` where the client leaves, and refuses what is too long. */
  body(): Promise<string>
  /** Whether the client has left: for who looks now and then. */
  hasLeft(): boolean
  /** Aborted when the client has left. */
  left(): AbortSignal
  /** For when an answer that lasts has ended: a client that does not take the rest may be cut off. */
  hangUp(): void
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
  /** The codes of the errors in it, for who counts them; none unless said. Of what lasts there may be more at its end. */
  readonly codes?: readonly string[]
  /** Where somebody is kept from what they asked for: why, and what it was. */
  readonly denied?: Denied
}

export interface Denied {
  readonly reason: DenialReason
  /** What the client named, as it wrote it; `null` where that is nothing. */
  readonly asked: string | null
}

/** The client is gone, and with it whoever could read an answer. */
export class HungUp extends Error {
  override readonly name = 'HungUp'
}

/** Throws `HungUp` once the client has left: nothing need be read for it any more. */
export function whileThere(call: Call): () => void {
  return () => {
    if (call.hasLeft()) throw new HungUp()
  }
}

/** More than anybody has to ask: a query of the longest size with its variables. */
const LONGEST_BODY = 262_144

export class BodyTooLong extends Refusal {
  constructor() {
    super(
      'LIMIT_EXCEEDED',
      `the body is longer than ${LONGEST_BODY.toLocaleString('en')} bytes; ask in several requests`,
    )
  }
}

/** Collects a body as it comes; throws where it gets too long. */
export function bodyCollector(): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = []
  let length = 0
  return {
    add(chunk) {
      length += chunk.length
      if (length > LONGEST_BODY) throw new BodyTooLong()
      chunks.push(chunk)
    },
    text() {
      const [first = '', second] = chunks
      return (second === undefined ? first : Buffer.concat(chunks)).toString()
    },
  }
}

/** For who has the platform's Request at hand. */
export function callOf(request: Request, hangUp: () => void = () => {}): Call {
  const { pathname, host } = new URL(request.url)
  return {
    method: request.method,
    path: pathname,
    query: () => new URL(request.url).searchParams,
    host,
    address: null,
    headers: request.headers,
    async body() {
      const body = bodyCollector()
      try {
        for await (const chunk of request.body ?? []) body.add(Buffer.from(chunk))
      } catch (error) {
        throw request.signal.aborted ? new HungUp() : error
      }
      return body.text()
    },
    hasLeft: () => request.signal.aborted,
    left: () => request.signal,
    hangUp,
  }
}

export function responseOf({ status, headers, body }: Reply): Response {
  return new Response(body, { status, headers })
}

/** The same answer, which tells when it has ended: whole, broken off, or left by its client. Read no faster for it. */
export function endTold(body: ReadableStream<Uint8Array>, ended: () => void): typeof body {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(out) {
        try {
          const { done, value } = await reader.read()
          if (!done) return out.enqueue(value)
          out.close()
        } catch (error) {
          out.error(error)
        }
        ended()
      },
      cancel(reason) {
        ended()
        return reader.cancel(reason)
      },
    },
    // Nothing is read ahead, so whoever fills the body goes on knowing what was taken.
    { highWaterMark: 0 },
  )
}

/** As JSON, for nobody else to keep. */
export function json(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  }
}
