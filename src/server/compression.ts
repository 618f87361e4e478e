// Compression of responses that have `Vary: Accept-Encoding`; event streams are never compressed. It runs on zlib's
// threads, beside the main thread.

import { promisify } from 'node:util'
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  zstdCompress,
} from 'node:zlib'
import Negotiator from 'negotiator'
import type { Source } from './streams.ts'

export type Coding = 'zstd' | 'br' | 'gzip'

/** The cheapest first, for clients without a preference. */
const CODINGS: readonly Coding[] = ['zstd', 'br', 'gzip']

/** For responses that are made for one request: a page of the feed, 548 kB, becomes 45 to 63 kB in 1 to 2 ms. */
const FAST = {
  zstd: { params: { [constants.ZSTD_c_compressionLevel]: 1 } },
  br: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
  gzip: { level: 1 },
} as const

/** For files, which are compressed once. */
const SMALL = {
  zstd: { params: { [constants.ZSTD_c_compressionLevel]: 9 } },
  br: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
  gzip: { level: 6 },
} as const

const COMPRESSORS = {
  zstd: promisify(zstdCompress),
  br: promisify(brotliCompress),
  gzip: promisify(gzip),
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

export function compress(
  bytes: Uint8Array,
  coding: Coding,
  how: 'fast' | 'small',
): Promise<Buffer<ArrayBuffer>> {
  return COMPRESSORS[coding](bytes, (how === 'fast' ? FAST : SMALL)[coding])
}

/** Bytes that are compressed in the time of one point of cost, 10 µs. */
const BYTES_PER_POINT = 2_500

export function pointsOfCompressing(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_POINT)
}

/** A compressed stream, flushed after every chunk. `pay` resolves when the cost of a chunk may be spent. */
export function compressed(
  source: Source,
  coding: Coding,
  pay: (points: number) => Promise<void>,
): Source {
  const [encoder, flush] = encoderFor(coding)
  let parts: Uint8Array[] = []
  encoder.on('data', part => parts.push(part))
  let ended = false

  async function compressChunk(chunk: string | Uint8Array | null): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    encoder.once('error', reject)
    if (chunk === null) encoder.once('end', resolve).end()
    else {
      await pay(pointsOfCompressing(chunk.length))
      encoder.write(chunk)
      encoder.flush(flush, () => resolve(null))
    }
    await promise
    encoder.off('error', reject)
    const bytes = Buffer.concat(parts)
    parts = []
    return bytes
  }

  return {
    async next() {
      if (ended) return null
      const chunk = await source.next()
      ended = chunk === null
      const bytes = await compressChunk(chunk === null ? null : chunk())
      return () => bytes
    },
    lastChunk: source.lastChunk,
    ended(isComplete) {
      encoder.destroy()
      source.ended(isComplete)
    },
  }
}

function encoderFor(coding: Coding) {
  if (coding === 'zstd') return [createZstdCompress(FAST.zstd), constants.ZSTD_e_flush] as const
  if (coding === 'gzip') return [createGzip(FAST.gzip), constants.Z_SYNC_FLUSH] as const
  return [createBrotliCompress(FAST.br), constants.BROTLI_OPERATION_FLUSH] as const
}
