// The body of a request as text: UTF-8, with a maximum length, also if it is compressed.

import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { readBounded } from '../../bounded-bytes.ts'
import { quoted } from '../../errors.ts'
import { ClientGone, HttpError } from '../http-error.ts'

/** In bytes, uncompressed: enough for a query of the longest allowed size with its variables. */
const MAX_BODY = 262_144

const TOO_LONG = new HttpError(
  413,
  `the request body is longer than ${MAX_BODY.toLocaleString('en')} bytes; split it into several requests`,
)

/**
 * Must be called once per request. Throws `ClientGone` if the client disconnects, and refuses bodies that are too long
 * or not UTF-8.
 */
export async function readBody(request: Request): Promise<string> {
  const type = request.headers.get('content-type') ?? ''
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw unsupported(`the charset ${quoted(charset)} is not supported; send UTF-8`)
  }
  const bytes = await unpacked(await readBytes(request), request.headers.get('content-encoding'))
  if (!isUtf8(bytes)) throw new HttpError(400, 'the request body is not valid UTF-8')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (Number(length) > MAX_BODY) throw TOO_LONG
  try {
    // Node accepts no more bytes than Content-Length states.
    if (length !== null) return Buffer.from(await request.arrayBuffer())
    return await readBounded(chunksOf(request), MAX_BODY, () => TOO_LONG)
  } catch (error) {
    if (error === TOO_LONG) throw error
    throw request.signal.aborted ? new ClientGone() : error
  }
}

/** The rest of the body is read and dropped: closing the connection would lose the response, too. */
async function* chunksOf({ body }: Request): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  const read = async () => (await reader?.read())?.value
  try {
    for (let chunk = await read(); chunk !== undefined; chunk = await read()) yield chunk
  } finally {
    drain(read).catch(() => {})
  }
}

async function drain(read: () => Promise<unknown>): Promise<void> {
  while ((await read()) !== undefined);
}

const unzip = promisify(gunzip)

async function unpacked(bytes: Uint8Array, encoding: string | null): Promise<Uint8Array> {
  if (encoding === null || encoding === 'identity') return bytes
  if (encoding !== 'gzip')
    throw unsupported(`the Content-Encoding ${quoted(encoding)} is not supported; use gzip or none`)
  try {
    return await unzip(bytes, { maxOutputLength: MAX_BODY })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw TOO_LONG
    throw new HttpError(400, 'the Content-Encoding is gzip, but the request body is not valid gzip')
  }
}

function unsupported(message: string): HttpError {
  return new HttpError(415, message)
}
