// The encodings of JSON files: UTF-8, and the UTF-16 that PowerShell's `>` writes; the first bytes distinguish them.

import { InputError } from '../errors.ts'

/** Its message is the end of a sentence about the input. */
export class EncodingError extends InputError {}

/** Bytes that distinguish the encodings. */
const DETECTION_LENGTH = 4

/** Converts UTF-16 to UTF-8, and passes anything else on unchanged. Refuses invalid UTF-16, and UTF-32. */
export async function* asUtf8(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | null = new Uint8Array()
  let decoder: TextDecoder | null = null
  for await (const chunk of input) {
    let bytes = chunk
    if (start !== null) {
      bytes = start.length === 0 ? chunk : Buffer.concat([start, chunk])
      start = bytes.length < DETECTION_LENGTH ? bytes : null
      if (start !== null) continue
      decoder = decoderFor(bytes)
    }
    yield decoder === null ? bytes : decoded(decoder, bytes)
  }
  if (start !== null && start.length > 0) {
    decoder = decoderFor(start)
    yield decoder === null ? start : decoded(decoder, start)
  }
  if (decoder !== null) yield decoded(decoder)
}

function decoderFor([one, two, three, four]: Uint8Array): TextDecoder | null {
  if (one === 0x1f && two === 0x8b) {
    throw new EncodingError('compressed with gzip: decompress it first')
  }
  const isMarked = (one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)
  if (!isMarked && one !== 0 && two !== 0) return null
  // JSON begins with an ASCII character, which in UTF-32 has three zero bytes.
  if ((one === 0 && two === 0) || (three === 0 && four === 0)) {
    throw new EncodingError('encoded in UTF-32: convert it to UTF-8')
  }
  return new TextDecoder(one === 0xfe || one === 0 ? 'utf-16be' : 'utf-16le', { fatal: true })
}

function decoded(decoder: TextDecoder, bytes?: Uint8Array): Uint8Array {
  try {
    return Buffer.from(decoder.decode(bytes, { stream: bytes !== undefined }))
  } catch {
    throw new EncodingError('not valid UTF-16: convert it to UTF-8')
  }
}
