// Compresses whole answers that say `Vary: Accept-Encoding`, unless they are small or are so already.

import { codingFor, compress, pointsOfCompressing } from '../compression.ts'
import type { Rates } from '../rates.ts'
import type { Plugin } from '../request-context.ts'

/** In bytes: what is shorter goes into one packet either way. */
const LEAST = 1_024

export function useCompression(rates: Rates): Plugin {
  return {
    onResponse({ request, response, serverContext: { requestContext }, fetchAPI, setResponse }) {
      const { headers, status } = response
      const length = Number(headers.get('content-length') ?? 0)
      if (length < LEAST || headers.get('content-encoding') !== null) return
      if (!/\baccept-encoding\b/i.test(headers.get('vary') ?? '')) return
      const coding = codingFor(request)
      if (coding === null) return
      const { viewer } = requestContext
      if (viewer !== null) rates.owe(viewer.id, pointsOfCompressing(length))
      return response
        .arrayBuffer()
        .then(whole => compress(new Uint8Array(whole), coding, 'fast'))
        .then(bytes => {
          headers.set('content-encoding', coding)
          headers.set('content-length', `${bytes.length}`)
          setResponse(new fetchAPI.Response(bytes, { status, headers }))
        })
    },
  }
}
