// Answers by fewer bytes, for who takes them so. Which are, says `Vary: Accept-Encoding`; streams of events never are. All is
// done by threads beside the one that answers.

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

/** Where the client does not mind, the one that costs least. */
const CODINGS: readonly Coding[] = ['zstd', 'br', 'gzip']

/** For what is made anew for each: of a page of the feed, 548 kB, it takes 1 to 2 ms and leaves 45 to 63 kB. */
const FAST = {
  zstd: { params: { [constants.ZSTD_c_compressionLevel]: 1 } },
  br: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
  gzip: { level: 1 },
} as const

/** For what is kept. */
const SMALL = {
  zstd: { params: { [constants.ZSTD_c_compressionLevel]: 9 } },
  br: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
  gzip: { level: 6 },
} as const

const WHOLE = {
  zstd: promisify(zstdCompress),
  br: promisify(brotliCompress),
  gzip: promisify(gzip),
} as const

/** `null` for none, also where the client would rather have it so. */
export function codingFor({ headers }: Pick<Request, 'headers'>): Coding | null {
  const accept = headers.get('accept-encoding')
  if (!accept) return null
  const negotiator = new Negotiator({ headers: { 'accept-encoding': accept } })
  const [best] = (negotiator.encodings as Encodings).call(negotiator, [...CODINGS, 'identity'], {
    preferred: CODINGS,
  })
  return CODINGS.find(coding => coding === best) ?? null
}

/** Its types know only the first. */
type Encodings = (
  available: readonly string[],
  options: { preferred: readonly string[] },
) => string[]

export function compress(
  bytes: Uint8Array,
  coding: Coding,
  how: 'fast' | 'small',
): Promise<Buffer<ArrayBuffer>> {
  return WHOLE[coding](bytes, (how === 'fast' ? FAST : SMALL)[coding])
}

/** A point, which is 10 µs, is for so many bytes. */
const BYTES_OF_POINT = 2_500

/** What it costs to compress so many bytes. */
export function pointsOfCompressing(bytes: number): number {
  return Math.ceil(bytes / BYTES_OF_POINT)
}

/** The same, compressed: whatever it gives can be read when it comes. `pay` resolves when it was paid for. */
export function compressed(
  source: Source,
  coding: Coding,
  pay: (points: number) => Promise<void>,
): Source {
  const [coder, flush] = coderFor(coding)
  let parts: Uint8Array[] = []
  coder.on('data', part => parts.push(part))
  let ended = false

  async function packed(chunk: string | Uint8Array | null): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    coder.once('error', reject)
    if (chunk === null) coder.once('end', resolve).end()
    else {
      await pay(pointsOfCompressing(chunk.length))
      coder.write(chunk)
      coder.flush(flush, () => resolve(null))
    }
    await promise
    coder.off('error', reject)
    const whole = Buffer.concat(parts)
    parts = []
    return whole
  }

  return {
    async next() {
      if (ended) return null
      const made = await source.next()
      ended = made === null
      const bytes = await packed(made === null ? null : made())
      return () => bytes
    },
    lastWords: source.lastWords,
    ended(whole) {
      coder.destroy()
      source.ended(whole)
    },
  }
}

function coderFor(coding: Coding) {
  if (coding === 'zstd') return [createZstdCompress(FAST.zstd), constants.ZSTD_e_flush] as const
  if (coding === 'gzip') return [createGzip(FAST.gzip), constants.Z_SYNC_FLUSH] as const
  return [createBrotliCompress(FAST.br), constants.BROTLI_OPERATION_FLUSH] as const
}
