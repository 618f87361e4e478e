// The lives of open subscriptions. Each is pulled by its client: what the client does not take is not read either. An
// end that its client caused (it takes nothing, its token loses its rights) is told with where to resume. Where the
// server stops or the stream has lasted long enough, it just ends, without a `complete`: clients then connect again,
// with the `id` of the last thing they saw, and lose nothing.

import type { ArrivalMark } from '../event.ts'
import type { Subscription } from '../graph/context.ts'
import type { Answer, AnswerError } from './errors.ts'
import { HttpRefusal } from './refusal.ts'
import { complete, HEARTBEAT, next } from './sse.ts'

export interface StreamLimits {
  /** Milliseconds between two signs of life. */
  readonly heartbeat: number
  /** Milliseconds between two looks at the token. */
  readonly recheck: number
  /** For how many milliseconds something may wait for a client that takes nothing. */
  readonly patience: number
  /** How many are open at once, and of one viewer. */
  readonly most: number
  readonly mostOfViewer: number
  /** For how many milliseconds one may last; its client goes on with the next. */
  readonly life: number
}

export const STREAM_LIMITS: StreamLimits = {
  heartbeat: 12_000,
  recheck: 2_000,
  patience: 30_000,
  most: 200,
  mostOfViewer: 20,
  life: 3_600_000,
}

export interface Stream {
  /** The ID of the viewer. */
  readonly viewer: string
  readonly answers: AsyncIterator<Answer>
  readonly subscription: Subscription
  /** Nobody listens any more: aborts the subscription's signal. */
  stop(): void
  /** Aborted when the client has left. */
  readonly left: AbortSignal
  /** Throws where the token no longer opens what it did. */
  recheck(): Promise<void>
  /** What is thrown, as the client may know it. */
  explain(error: unknown): AnswerError
  /** The answer has ended: its connection need not wait for a client that does not take the rest. */
  hangUp(): void
}

export interface Streams {
  /** The body of the answer to a subscription; throws a refusal where there are too many. */
  open(stream: Stream): OpenStream
  /** Ends all, and whatever is opened from now on. */
  close(): void
  /** How many are open. */
  count(): number
}

export interface OpenStream {
  readonly body: ReadableStream<Uint8Array>
  /** Of the errors it has told so far. */
  readonly codes: readonly string[]
}

export function createStreams(limits: StreamLimits): Streams {
  const open = new Set<() => void>()
  const openOf = new Map<string, number>()
  let closed = false

  /** One more of a viewer's, or one fewer. */
  function countOf(viewer: string, more: number): void {
    const count = (openOf.get(viewer) ?? 0) + more
    if (count > 0) openOf.set(viewer, count)
    else openOf.delete(viewer)
  }

  return {
    open(stream) {
      const own = openOf.get(stream.viewer) ?? 0
      if (stream.left.aborted || open.size >= limits.most || own >= limits.mostOfViewer) {
        stream.stop()
        abandon(stream.answers)
        throw own >= limits.mostOfViewer
          ? tooMany(`${own} subscriptions of this token`, 'it may have')
          : tooMany(`${limits.most} subscriptions`, 'this server keeps')
      }
      const { body, codes, end } = start(stream, limits, () => {
        if (open.delete(end)) countOf(stream.viewer, -1)
      })
      open.add(end)
      countOf(stream.viewer, 1)
      if (closed) end()
      return { body, codes }
    },
    close() {
      closed = true
      for (const end of open) end()
    },
    count: () => open.size,
  }
}

function tooMany(which: string, who: string): HttpRefusal {
  return new HttpRefusal(
    429,
    'LIMIT_EXCEEDED',
    `${which} are open, the most ${who}; end one, or try again later`,
  )
}

interface Started extends OpenStream {
  /** Ends it so that its client connects again, unless it has ended. */
  end(): void
}

function start(stream: Stream, limits: StreamLimits, ended: () => void): Started {
  const { answers, subscription, left } = stream
  const encoder = new TextEncoder()
  const codes: string[] = []
  let out: ReadableStreamDefaultController<Uint8Array>
  let over = false
  let pumping = false
  let checking: NodeJS.Timeout | undefined
  let waiting: NodeJS.Timeout | undefined
  const beating = setInterval(() => {
    if (hasRoom()) send(HEARTBEAT)
  }, limits.heartbeat)

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        out = controller
        send(HEARTBEAT)
      },
      // Called when all that was sent is taken. Returns at once, as a pending pull would not be repeated.
      pull() {
        clearTimeout(waiting)
        waiting = undefined
        pump()
      },
      cancel: release,
    },
    { highWaterMark: 1 },
  )
  left.addEventListener('abort', leave)
  const living = setTimeout(() => end(), limits.life)
  watch()
  return { body, codes, end: () => end() }

  function hasRoom(): boolean {
    return (out.desiredSize ?? 0) > 0
  }

  function send(text: string): void {
    out.enqueue(encoder.encode(text))
    if (!hasRoom()) waiting ??= setTimeout(() => end([tooSlow(limits)]), limits.patience)
  }

  /** One answer after the other, as long as there is room for it. */
  async function pump(): Promise<void> {
    if (pumping || over) return
    pumping = true
    try {
      while (!over && hasRoom()) {
        const { done, value } = await answers.next()
        if (over) return
        if (done) return end([])
        // An event that could not be told counts as not sent.
        if (value.data == null) return end(value.errors)
        note(value.errors)
        subscription.reached = subscription.offered
        send(next(value, subscription.reached))
      }
    } catch (error) {
      if (!over) end([stream.explain(error)])
    } finally {
      pumping = false
    }
  }

  function watch(): void {
    checking = setTimeout(async () => {
      try {
        await stream.recheck()
        if (!over) watch()
      } catch (error) {
        if (!over) end([stream.explain(error)])
      }
    }, limits.recheck)
  }

  function leave(): void {
    if (over) return
    release()
    out.close()
  }

  function note(errors: readonly AnswerError[] = []): void {
    for (const { extensions } of errors) codes.push(String(extensions.code))
  }

  /** Without errors: for a client to connect again; with some, or none in the list, for good. */
  function end(errors?: readonly AnswerError[]): void {
    if (over) return
    note(errors)
    const cursor = subscription.reached
    release()
    if (errors !== undefined) {
      const last = errors.length > 0 && next({ errors: errors.map(withCursor(cursor)) }, cursor)
      out.enqueue(encoder.encode((last || '') + complete(cursor)))
    }
    out.close()
    stream.hangUp()
  }

  /** Nothing goes on for it after this, whether or not the client ever takes what was sent. */
  function release(): void {
    if (over) return
    over = true
    clearInterval(beating)
    clearTimeout(checking)
    clearTimeout(waiting)
    clearTimeout(living)
    left.removeEventListener('abort', leave)
    stream.stop()
    abandon(answers)
    ended()
  }
}

/** What it would still have said is of no interest. */
function abandon(answers: AsyncIterator<Answer>): void {
  answers.return?.().catch(() => {})
}

function withCursor(cursor: ArrivalMark): (error: AnswerError) => AnswerError {
  return ({ message, extensions }) => ({ message, extensions: { ...extensions, cursor } })
}

function tooSlow({ patience }: StreamLimits): AnswerError {
  return {
    message: `nothing was taken for ${patience / 1000} seconds; connect again with \`after\`: the cursor given here`,
    extensions: { code: 'LIMIT_EXCEEDED' },
  }
}
