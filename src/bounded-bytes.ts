// Reads a stream of bytes up to a limit.

/**
 * All bytes of a stream. If there are more than `most`, ends the stream at once and throws the error of `tooLong`.
 */
export async function readBounded(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
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
