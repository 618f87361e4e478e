// Answers that last: subscriptions and exports. Each is pulled by its client: what the client does not take is not made.
// Its request is over when its body ends, is broken off, or its client leaves.

import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import { HttpError } from './http-error.ts'
import { networkOf } from './proxies.ts'
import { type RequestContext, type ServerContext, viewerOf } from './request-context.ts'

/** Times in milliseconds. */
export interface StreamLimits {
  /** Between two looks at the token. */
  readonly recheck: number
  /** For how long something may wait for a client that takes nothing. */
  readonly patience: number
  /** How many are open at once in this process, and of one viewer. */
  readonly most: number
  readonly mostOfViewer: number
  /** Between two signs of life; none unless given. */
  readonly heartbeat?: number
  /** For how long one may last, if not for ever; its client goes on with the next. */
  readonly life?: number
}

/** Says nothing but that somebody is there; the first one also makes clients see the headers. */
const HEARTBEAT = ':\n\n'

/** How long a client may take to read the last words of an answer that has ended. */
const LAST_WORDS = 2_000

export interface Source {
  /** Gives what is sent next, to be called when it is sent; `null` at the end. */
  next(): Promise<(() => string | Uint8Array) | null>
  /**
   * What is said at the end, or where it cannot go on for an error; `null` where it is broken off then, so that nobody
   * takes it for whole.
   */
  lastWords(error?: unknown): string | null
  /** Called once, however it ends: nothing more is asked of it. */
  ended(whole: boolean): void
}

export interface Streams {
  /** Refuses where as many are open as may be, and none of them gives way to this one: see `SHARE`. */
  check(context: RequestContext): void
  /** The same; otherwise the answer whose body is what the source gives. */
  respond(
    source: Source,
    headers: Readonly<Record<string, string>>,
    context: ServerContext,
    left: AbortSignal,
  ): Response
  /** Ends all, and whatever is opened from now on, without last words: clients ask again, and lose nothing. */
  close(): void
  /** How many are open. */
  count(): number
}

/**
 * Of all places: where all are taken, a network that has more gives up its oldest to another that has fewer, so that
 * nobody shuts others out by tokens alone.
 */
const SHARE = 0.1

interface Holder {
  readonly viewerId: string
  /** See `networkOf`; `null` where nobody knows. */
  readonly network: string | null
}

interface Running {
  readonly body: ReadableStream<Uint8Array>
  /** Without last words. */
  end(): void
  fail(error: unknown): void
}

/** `name`: of many of them. */
export function createStreams(name: string, limits: StreamLimits): Streams {
  /** Whose each is, the oldest first. */
  const open = new Map<Running, Holder>()
  let closed = false

  /** What has to give way; `null` where there is room. */
  function placeFor({ viewerId, network }: Holder): Running | null {
    const own = [...open.values()].filter(holder => holder.viewerId === viewerId).length
    if (own >= limits.mostOfViewer) throw tooMany(`${own} ${name} of this token`, 'it may have')
    if (open.size < limits.most) return null
    const byNetwork = Map.groupBy(open.entries(), ([, holder]) => holder.network)
    const its = byNetwork.get(network)?.length ?? 0
    byNetwork.delete(null)
    const [most = []] = [...byNetwork.values()].sort((a, b) => b.length - a.length)
    const [oldest] = most.length > Math.max(its + 1, limits.most * SHARE) ? most : []
    if (oldest === undefined) throw tooMany(`${limits.most} ${name}`, 'this server keeps')
    return oldest[0]
  }

  return {
    check: context => void placeFor(holderOf(context)),
    respond(source, headers, context, left) {
      const holder = holderOf(context.requestContext)
      placeFor(holder)?.fail(givenUp(name))
      const running = start(source, limits, context, left, () => open.delete(running))
      const { body, end } = running
      open.set(running, holder)
      if (closed || left.aborted) end()
      // The platform's, as Yoga's own reads ahead.
      return new Response(body, { headers, statusText: 'OK' })
    },
    close() {
      closed = true
      for (const { end } of open.keys()) end()
    },
    count: () => open.size,
  }
}

function holderOf(context: RequestContext): Holder {
  const { address } = context
  return { viewerId: viewerOf(context).id, network: address === null ? null : networkOf(address) }
}

function givenUp(name: string): UserError {
  return new UserError(
    'LIMIT_EXCEEDED',
    `all places for ${name} are taken, and your address has the most; this one was given to another`,
  )
}

function tooMany(which: string, who: string): HttpError {
  return new HttpError(429, `${which} are open, the most ${who}; end one, or try again later`, {
    headers: { 'retry-after': '60' },
  })
}

function start(
  source: Source,
  limits: StreamLimits,
  { requestContext: context, res, hangUp }: ServerContext,
  left: AbortSignal,
  closed: () => void,
): Running {
  const encoder = new TextEncoder()
  const lasting = { over: false, tell: () => {} }
  context.lasting = lasting
  const ending = new AbortController()
  let out: ReadableStreamDefaultController<Uint8Array>
  let pumping = false
  let waiting: NodeJS.Timeout | undefined
  const end = () => finish('')
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      out = controller
      if (limits.heartbeat !== undefined) send(HEARTBEAT)
    },
    // Called when all that was sent is taken. Returns at once, as a pending pull would not be repeated.
    pull() {
      clearTimeout(waiting)
      waiting = undefined
      pump()
    },
    cancel: () => release(false),
  })
  left.addEventListener('abort', end)
  again(limits.recheck, () => context.recheck())
  if (limits.heartbeat !== undefined) again(limits.heartbeat, () => hasRoom() && send(HEARTBEAT))
  if (limits.life !== undefined) again(limits.life, end)
  return { body, end, fail }

  async function again(time: number, act: () => unknown): Promise<void> {
    try {
      for (;;) {
        await sleep(time, undefined, { signal: ending.signal })
        await act()
      }
    } catch (error) {
      fail(error)
    }
  }

  function hasRoom(): boolean {
    return (out.desiredSize ?? 0) > 0
  }

  function send(chunk: string | Uint8Array): void {
    out.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk)
    if (!hasRoom()) waiting ??= setTimeout(() => fail(tooSlow(limits)), limits.patience)
  }

  /** One chunk after the other, as long as there is room for it. */
  async function pump(): Promise<void> {
    if (pumping || lasting.over) return
    pumping = true
    try {
      while (!lasting.over && hasRoom()) {
        const made = await source.next()
        if (lasting.over) return
        if (made === null) return finish(source.lastWords() ?? '', true)
        send(made())
      }
    } catch (error) {
      fail(error)
    } finally {
      pumping = false
    }
  }

  function fail(error: unknown): void {
    if (lasting.over) return
    const words = source.lastWords(error)
    if (words !== null) {
      finish(words)
      return
    }
    release(false)
    hangUp?.()
    // To Yoga, it ends as any other.
    if (res !== undefined) out.close()
    else out.error(error)
    res?.destroy()
  }

  function finish(words: string, whole = false): void {
    if (lasting.over) return
    release(whole)
    if (words !== '') out.enqueue(encoder.encode(words))
    out.close()
    if (whole && words === '') return
    // Its connection need not wait for a client that does not take the rest.
    hangUp?.()
    res?.setTimeout(LAST_WORDS)
  }

  /** Nothing goes on for it after this, whether or not the client ever takes what was sent. */
  function release(whole: boolean): void {
    if (lasting.over) return
    lasting.over = true
    ending.abort()
    clearTimeout(waiting)
    left.removeEventListener('abort', end)
    closed()
    source.ended(whole)
    lasting.tell()
  }
}

function tooSlow({ patience }: StreamLimits): UserError {
  return new UserError(
    'LIMIT_EXCEEDED',
    `nothing was taken for ${patience / 1000} seconds; connect again with \`after\`: the cursor given here`,
  )
}
