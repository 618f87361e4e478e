// Compression of responses that have `Vary: Accept-Encoding`; event streams are never compressed. It runs on zlib's
// threads, beside the main thread.

import { buffer } from 'node:stream/consumers'
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib'
import Negotiator from 'negotiator'
import type { Rates } from './rates.ts'
import type { Plugin } from './request-context.ts'
import type { Source } from './streams.ts'

export type Coding = (typeof CODINGS)[number]

/** The cheapest first, for clients without a preference. */
const CODINGS = ['zstd', 'br', 'gzip'] as const

/**
 * `fast`: for responses that are made for one request. A page of the feed, 548 kB, becomes 45 to 63 kB in 1 to 2 ms.
 * `small`: for files, which are compressed once.
 */
type Effort = 'fast' | 'small'

const LEVELS = { fast: { zstd: 1, br: 1, gzip: 1 }, small: { zstd: 9, br: 5, gzip: 6 } } as const

const { ZSTD_c_compressionLevel: ZSTD_LEVEL, BROTLI_PARAM_QUALITY: BROTLI_LEVEL } = constants

function encoderFor(coding: Coding, effort: Effort) {
  const level = LEVELS[effort][coding]
  if (coding === 'zstd') return createZstdCompress({ params: { [ZSTD_LEVEL]: level } })
  if (coding === 'br') return createBrotliCompress({ params: { [BROTLI_LEVEL]: level } })
  return createGzip({ level })
}

/** For one chunk. */
const FLUSHES = {
  zstd: constants.ZSTD_e_flush,
  br: constants.BROTLI_OPERATION_FLUSH,
  gzip: constants.Z_SYNC_FLUSH,
} as const

/** `null` for no compression, also if the client prefers that. */
export function codingFor({ headers }: Pick<Request, 'headers'>): Coding | null {
  const accept = headers.get('accept-encoding')
  if (!accept) return null
  const negotiator = new Negotiator({ headers: { 'accept-encoding': accept } })
  const [best] = (negotiator.encodings as Encodings).call(negotiator, [...CODINGS, 'identity'], {
    preferred: CODINGS,
  })
  return CODINGS.find(coding => coding === best) ?? null
}

/** The package's types lack the second parameter. */
type Encodings = (
  available: readonly string[],
  options: { preferred: readonly string[] },
) => string[]

export function compress(bytes: Uint8Array, coding: Coding, effort: Effort) {
  return buffer(encoderFor(coding, effort).end(bytes))
}

/** Bytes that are compressed in the time of one point of cost, 10 µs. */
const BYTES_PER_POINT = 2_500

function pointsOfCompressing(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_POINT)
}

/** Compressed chunks, each flushed. `pay` resolves when the cost of a chunk may be spent. */
export async function* compressed(
  chunks: Source['chunks'],
  coding: Coding,
  pay: (points: number) => Promise<void>,
): Source['chunks'] {
  const encoder = encoderFor(coding, 'fast')
  const parts: Uint8Array[] = []
  encoder.on('data', part => parts.push(part))

  async function after(work: (done: () => void) => void): Promise<() => Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    encoder.once('error', reject)
    work(resolve)
    await promise
    encoder.off('error', reject)
    const bytes = Buffer.concat(parts.splice(0))
    return () => bytes
  }

  try {
    for await (const chunk of chunks) {
      const bytes = chunk()
      await pay(pointsOfCompressing(bytes.length))
      encoder.write(bytes)
      yield await after(done => encoder.flush(FLUSHES[coding], done))
    }
    yield await after(done => encoder.once('end', done).end())
  } finally {
    encoder.destroy()
  }
}

/** Bytes: shorter responses fit into one packet anyway. */
const MIN_LENGTH = 1_024

/** Compresses complete responses, unless they are small or already compressed. */
export function useCompression(rates: Rates): Plugin {
  return {
    onResponse({ request, response, serverContext: { requestContext }, fetchAPI, setResponse }) {
      const { headers, status } = response
      const length = Number(headers.get('content-length') ?? 0)
      if (length < MIN_LENGTH || headers.get('content-encoding') !== null) return
      if (!/\baccept-encoding\b/i.test(headers.get('vary') ?? '')) return
      const coding = codingFor(request)
      if (coding === null) return
      const { viewer } = requestContext
      if (viewer !== null) rates.owe(viewer.id, pointsOfCompressing(length))
      return response
        .arrayBuffer()
        .then(buffer => compress(new Uint8Array(buffer), coding, 'fast'))
        .then(bytes => {
          headers.set('content-encoding', coding)
          headers.set('content-length', `${bytes.length}`)
          setResponse(new fetchAPI.Response(bytes, { status, headers }))
        })
    },
  }
}
