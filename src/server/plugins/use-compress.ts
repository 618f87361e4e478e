// Compresses complete responses with `Vary: Accept-Encoding`, unless they are small or already compressed.

import { codingFor, compress, pointsOfCompressing } from '../compression.ts'
import type { Rates } from '../rates.ts'
import type { Plugin } from '../request-context.ts'

/** Bytes: shorter responses fit into one packet anyway. */
const MIN_LENGTH = 1_024

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
