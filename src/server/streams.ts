// Streamed responses: subscriptions and exports. Each is produced only as fast as its client reads. Its request ends
// when the body ends or is aborted, or when the client disconnects.

import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import { plural } from '../text.ts'
import { HttpError } from './http-error.ts'
import { crowdingNetwork, networkOf } from './proxies.ts'
import { type RequestContext, type ServerContext, viewerOf } from './request-context.ts'

/** Times in milliseconds. */
export interface StreamLimits {
  /** The interval between two checks of the viewer's rights. */
  readonly recheck: number
  /** How long a client may read nothing while data is waiting. */
  readonly patience: number
  /** The maximum number of open streams in this process, and per viewer. */
  readonly most: number
  readonly mostOfViewer: number
  /** The interval between two heartbeats, if the source has them. */
  readonly heartbeat?: number
  /**
   * The time after which a stream ends without a last chunk, for clients that reconnect by themselves; unlimited by
   * default. Not for exports: clients would take such an export for complete.
   */
  readonly life?: number
}

/** Milliseconds that a client has to read the end of a response. */
const END_TIMEOUT = 2_000

export interface Source {
  /** Functions that each create a chunk, called when it is sent. Returned from when the stream ends. */
  readonly chunks: AsyncGenerator<() => string | Uint8Array, void, void>
  /**
   * The last chunk, at the end or after an error; `null` if the response must be aborted instead, so that nobody takes
   * it for complete.
   */
  lastChunk(error?: unknown): string | null
  /** Keeps the connection alive while there is nothing to send; it is also sent at the start. */
  heartbeat?(): string
  /** Called once, however the stream ends; nothing is called after it. */
  ended(isComplete: boolean): void
}

export type Streams = ReturnType<typeof createStreams>

interface Holder {
  readonly viewerId: string
  /** See `networkOf`; `null` if unknown. */
  readonly network: string | null
}

type Running = ReturnType<typeof start>

/** `name`: in the singular, for messages. */
export function createStreams(name: string, limits: StreamLimits) {
  /** The oldest first. */
  const open = new Map<Running, Holder>()
  let closed = false

  /**
   * The stream to close for a new one; `null` if there is room. At the limit, this is the oldest one of another network
   * that has too many; without such a network, the new stream is refused.
   */
  function evictedBy({ viewerId, network }: Holder): Running | null {
    const holders = [...open.values()]
    const own = holders.filter(holder => holder.viewerId === viewerId).length
    if (own >= limits.mostOfViewer) throw tooMany(`this token has ${plural(own, name)}`)
    if (open.size < limits.most) return null
    const networks = holders.map(holder => holder.network)
    const crowding = crowdingNetwork(networks, network, limits.most)
    if (crowding === null || crowding === network) {
      throw tooMany(`this server has ${plural(limits.most, name)}`)
    }
    return [...open.keys()][networks.indexOf(crowding)] ?? null
  }

  return {
    /** Refuses if the maximum is reached and no stream may be closed for the new one. */
    check: (context: RequestContext) => void evictedBy(holderOf(context)),
    /**
     * Refuses like `check`; otherwise returns the response that streams from the source. `left` aborts when the client
     * disconnects.
     */
    respond(
      source: Source,
      headers: Readonly<Record<string, string>>,
      context: ServerContext,
      left: AbortSignal,
    ): Response {
      const holder = holderOf(context.requestContext)
      evictedBy(holder)?.fail(evicted(name))
      const running: Running = start(source, limits, context, left, () => open.delete(running))
      const { body, end } = running
      open.set(running, holder)
      if (closed || left.aborted) end()
      // Node's own class, because Yoga's reads ahead.
      return new Response(body, { headers, statusText: 'OK' })
    },
    /** Ends all streams, also later ones, without a last chunk: clients reconnect and lose nothing. */
    close(): void {
      closed = true
      for (const { end } of open.keys()) end()
    },
    /** The number of open streams. */
    count: () => open.size,
  }
}

function holderOf(context: RequestContext): Holder {
  const { address } = context
  return { viewerId: viewerOf(context).id, network: address === null ? null : networkOf(address) }
}

function evicted(name: string): UserError {
  return new UserError(
    'LIMIT_EXCEEDED',
    `too many ${name} are open and your address has the most, so this one was closed for another client; try again later`,
  )
}

function tooMany(which: string): HttpError {
  const message = `${which}, the most allowed; end one, or try again later`
  return new HttpError(429, message, { retryAfter: 60 })
}

function start(
  source: Source,
  limits: StreamLimits,
  { requestContext: context, res }: ServerContext,
  left: AbortSignal,
  closed: () => void,
) {
  const encoder = new TextEncoder()
  const stream = { ended: false, onEnd: () => {} }
  context.stream = stream
  const ending = new AbortController()
  let out: ReadableStreamDefaultController<Uint8Array>
  let pumping = false
  let waiting: NodeJS.Timeout | undefined
  /** Ends the stream without a last chunk. */
  const end = () => finish('')
  const beat = () => source.heartbeat !== undefined && send(source.heartbeat())
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      out = controller
      beat()
    },
    // Called when the client has read all data. Returns at once: it is not called again while its promise is pending.
    pull() {
      clearTimeout(waiting)
      waiting = undefined
      pump()
    },
    cancel: () => release(false),
  })
  left.addEventListener('abort', end)
  const { signal } = ending
  repeat(limits.recheck, () => context.recheck(), signal).catch(fail)
  if (limits.heartbeat !== undefined) {
    repeat(limits.heartbeat, () => hasRoom() && beat(), signal).catch(fail)
  }
  if (limits.life !== undefined) repeat(limits.life, end, signal).catch(fail)
  return { body, end, fail }

  function hasRoom(): boolean {
    return (out.desiredSize ?? 0) > 0
  }

  function send(chunk: string | Uint8Array): void {
    out.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk)
    if (!hasRoom()) waiting ??= setTimeout(() => fail(tooSlow(limits)), limits.patience)
  }

  /** Sends chunks as long as the client reads them. */
  async function pump(): Promise<void> {
    if (pumping || stream.ended) return
    pumping = true
    try {
      while (!stream.ended && hasRoom()) {
        const { done, value } = await source.chunks.next()
        if (stream.ended) return
        if (done === true) return finish(source.lastChunk() ?? '', true)
        send(value())
      }
    } catch (error) {
      fail(error)
    } finally {
      pumping = false
    }
  }

  function fail(error: unknown): void {
    if (stream.ended) return
    const lastChunk = source.lastChunk(error)
    if (lastChunk !== null) {
      finish(lastChunk)
      return
    }
    release(false)
    // Yoga sees a normal end; the connection is destroyed below.
    if (res !== undefined) out.close()
    else out.error(error)
    res?.destroy()
  }

  function finish(lastChunk: string, isComplete = false): void {
    if (stream.ended) return
    release(isComplete)
    if (lastChunk !== '') out.enqueue(encoder.encode(lastChunk))
    out.close()
    if (isComplete && lastChunk === '') return
    // The connection does not wait long for a client that does not read the rest.
    res?.setTimeout(END_TIMEOUT)
  }

  /** Frees all resources, whether or not the client ever reads what was sent. */
  function release(isComplete: boolean): void {
    if (stream.ended) return
    stream.ended = true
    ending.abort()
    clearTimeout(waiting)
    left.removeEventListener('abort', end)
    closed()
    source.chunks.return().catch(() => {})
    source.ended(isComplete)
    stream.onEnd()
  }
}

/** Repeats until the signal aborts, which rejects. */
async function repeat(interval: number, work: () => unknown, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(interval, undefined, { signal })
    await work()
  }
}

function tooSlow({ patience }: StreamLimits): UserError {
  return new UserError(
    'LIMIT_EXCEEDED',
    `the client read nothing for ${patience / 1000} seconds; connect again with \`after\` set to \`extensions.cursor\``,
  )
}
