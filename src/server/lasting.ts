// An answer that lasts: its request is over when its body ends, is broken off, or its client leaves.

import type { ServerContext } from './request-context.ts'

/**
 * Reads nothing ahead, so that whoever fills the body knows what was taken. It is the platform's Response, as Yoga's own
 * reads ahead. Lets go of the body as soon as the client leaves.
 */
export function lastingResponse(
  source: ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>>,
  { requestContext: context, res }: ServerContext,
  left: AbortSignal,
): Response {
  const reader = source.getReader()
  const lasting = { over: false, tell: () => {} }
  context.lasting = lasting
  function end(): void {
    if (lasting.over) return
    lasting.over = true
    left.removeEventListener('abort', leave)
    lasting.tell()
  }
  function leave(): void {
    reader.cancel().catch(() => {})
    end()
  }
  left.addEventListener('abort', leave)
  if (left.aborted) leave()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(out) {
        try {
          const { done, value } = await reader.read()
          if (!done) return out.enqueue(value)
          out.close()
        } catch (error) {
          // A transfer that was broken off must not look whole.
          if (res === undefined) out.error(error)
          else {
            res.destroy()
            out.close()
          }
        }
        end()
      },
      cancel(reason) {
        end()
        // Of one that failed, nobody waits for why.
        return reader.cancel(reason).catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers, statusText: 'OK' })
}
