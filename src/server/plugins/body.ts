// The body of a request as text: UTF-8, of a bounded length, also where it comes compressed.

import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { quoted } from '../../errors.ts'
import { ClientGone, HttpError } from '../http-error.ts'

/** More than anybody has to ask: a query of the longest size with its variables. */
const LONGEST_BODY = 262_144

const TOO_LONG = new HttpError(
  413,
  `the body is longer than ${LONGEST_BODY.toLocaleString('en')} bytes; ask in several requests`,
)

/** To be called once. Throws `ClientGone` where the client leaves, and refuses what is too long or no text. */
export async function readBody(request: Request): Promise<string> {
  const type = request.headers.get('content-type') ?? ''
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw unsupported(`the body is in ${quoted(charset)}; send UTF-8`)
  }
  const bytes = await unpacked(await readBytes(request), request.headers.get('content-encoding'))
  if (!isUtf8(bytes)) throw new HttpError(400, 'the body is not UTF-8')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (Number(length) > LONGEST_BODY) throw TOO_LONG
  try {
    // No more can come than the head of the request says; Node sees to it.
    if (length !== null) return Buffer.from(await request.arrayBuffer())
    const chunks: Uint8Array[] = []
    let size = 0
    const reader = request.body?.getReader()
    for (;;) {
      const { done = true, value } = (await reader?.read()) ?? {}
      if (done || value === undefined) return Buffer.concat(chunks)
      size += value.length
      if (size > LONGEST_BODY) {
        letGoBy(reader)
        throw TOO_LONG
      }
      chunks.push(value)
    }
  } catch (error) {
    if (error === TOO_LONG) throw error
    throw request.signal.aborted || isReset(error) ? new ClientGone() : error
  }
}

/** The rest is read and forgotten, as a connection that is cut would take the answer with it. */
async function letGoBy(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  try {
    while (reader !== undefined && !(await reader.read()).done);
  } catch {
    // The client left.
  }
}

const unzip = promisify(gunzip)

async function unpacked(bytes: Uint8Array, encoding: string | null): Promise<Uint8Array> {
  if (encoding === null || encoding === 'identity') return bytes
  if (encoding !== 'gzip')
    throw unsupported(`the body is in ${quoted(encoding)}; send it as it is, or by gzip`)
  try {
    return await unzip(bytes, { maxOutputLength: LONGEST_BODY })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw TOO_LONG
    throw new HttpError(400, 'the body is not gzip, as its Content-Encoding says')
  }
}

function unsupported(message: string): HttpError {
  return new HttpError(415, message)
}

function isReset(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ECONNRESET'
}
