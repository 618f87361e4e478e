// Reads a stream of bytes whose sender could go on for ever.

/** All bytes of a stream. As soon as there are more than `most`, ends the stream and throws what `tooLong` returns. */
export async function readBounded(
  chunks: AsyncIterable<Uint8Array>,
  most: number,
  tooLong: () => Error,
): Promise<Buffer<ArrayBuffer>> {
  const read: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > most) throw tooLong()
    read.push(chunk)
  }
  return Buffer.concat(read)
}
