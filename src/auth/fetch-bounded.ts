// What an identity provider answers, but no more than a sound one's size: whoever answers in its place could fill the memory.

/** Bytes, unpacked. */
const LARGEST = 262_144

/** As `fetch`; rejects where the answer does not come, or is too large. */
export async function fetchBounded(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > LARGEST) throw new Error(`an answer of more than ${LARGEST} bytes`)
    chunks.push(chunk)
  }
  const { status, headers } = response
  return new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), {
    status,
    headers,
  })
}
