// Compression of responses that have `Vary: Accept-Encoding`; event streams are never compressed. It runs on zlib's
// threads, beside the main thread.

import { buffer } from 'node:stream/consumers'
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib'
import Negotiator from 'negotiator'
import type { Rates } from './rates.ts'
import type { Plugin } from './request-context.ts'
import type { Source } from './streams.ts'

const { ZSTD_c_compressionLevel: ZSTD_LEVEL, BROTLI_PARAM_QUALITY: BROTLI_LEVEL } = constants

/**
 * The cheapest first, for clients without a preference. The levels are `fast` for responses that are made for one
 * request: a page of the feed, 548 kB, becomes 45 to 63 kB in 1 to 2 ms; and `small` for files, which are compressed once.
 */
const CODINGS = {
  zstd: {
    encoder: (level: number) => createZstdCompress({ params: { [ZSTD_LEVEL]: level } }),
    levels: { fast: 1, small: 9 },
    flush: constants.ZSTD_e_flush,
  },
  br: {
    encoder: (level: number) => createBrotliCompress({ params: { [BROTLI_LEVEL]: level } }),
    levels: { fast: 1, small: 5 },
    flush: constants.BROTLI_OPERATION_FLUSH,
  },
  gzip: {
    encoder: (level: number) => createGzip({ level }),
    levels: { fast: 1, small: 6 },
    flush: constants.Z_SYNC_FLUSH,
  },
} as const

export type Coding = keyof typeof CODINGS

const PREFERRED = Object.keys(CODINGS) as Coding[]

/** `null` for no compression, also if the client prefers that. */
export function codingFor({ headers }: Pick<Request, 'headers'>): Coding | null {
  const accept = headers.get('accept-encoding')
  if (!accept) return null
  const negotiator = new Negotiator({ headers: { 'accept-encoding': accept } })
  const [best] = (negotiator.encodings as Encodings).call(negotiator, [...PREFERRED, 'identity'], {
    preferred: PREFERRED,
  })
  return PREFERRED.find(coding => coding === best) ?? null
}

/** The package's types lack the second parameter. */
type Encodings = (
  available: readonly string[],
  options: { preferred: readonly string[] },
) => string[]

export function compress(bytes: Uint8Array, coding: Coding, effort: 'fast' | 'small') {
  const { encoder, levels } = CODINGS[coding]
  return buffer(encoder(levels[effort]).end(bytes))
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
  const { levels, flush, encoder: create } = CODINGS[coding]
  const encoder = create(levels.fast)
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
      yield await after(done => encoder.flush(flush, done))
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
