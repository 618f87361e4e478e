// What is noted of a request while it is answered, for the log, the metrics and the traces: nothing a client said
// is in it but what was checked, and so much that it is bounded.

import { randomUUID } from 'node:crypto'
import type { Asker } from '../audit-record.ts'
import type { Call } from './exchange.ts'

export interface Note {
  /** The client's own where it is well-formed, otherwise made here; also in the answer, as X-Request-Id. */
  readonly requestId: string
  readonly method: string
  readonly path: PathClass
  /** See `Call.address`. */
  readonly address: string | null
  /** Whose token it came with; `null` before that is known, and for nobody. */
  viewerId: string | null
  viewerName: string | null
  /** The type and the name of what the graph was asked, such as `query Page`; `null` for anything else. */
  operation: string | null
}

/** Where a request went, as one of a few. */
export type PathClass = 'graphql' | 'page' | 'health' | 'metrics' | 'export' | 'feed' | 'other'

/** A request and how it was answered. */
export interface Answered extends Omit<Note, 'address' | 'viewerName'> {
  readonly status: number
  /** The codes of the errors in the answer. */
  readonly codes: readonly string[]
  /** Whether it was answered by something that lasts: a subscription or a long list. */
  readonly lasting: boolean
  /** From when it was heard until it was answered; of what lasts, until its end. In milliseconds. */
  readonly duration: number
  /** `null` where nothing is traced. */
  readonly traceId: string | null
}

const WELL_FORMED = /^[\w.:+/=-]{1,128}$/

/** Longer names are cut. */
const LONGEST_NAME = 64

export function noteOf({ method, path, headers, address }: Call): Note {
  const given = headers.get('x-request-id')
  return {
    requestId: given !== null && WELL_FORMED.test(given) ? given : randomUUID(),
    method: METHODS.has(method) ? method : 'OTHER',
    path: classOf(method, path),
    address,
    viewerId: null,
    viewerName: null,
    operation: null,
  }
}

export function askerOf({ requestId, address, viewerId, viewerName }: Note): Asker {
  return { requestId, address, tokenId: viewerId, tokenName: viewerName }
}

/** As `query Page`, or `query` where it has no name. */
export function operationNamed(type: string, name: string | undefined): string {
  return name === undefined ? type : `${type} ${name.slice(0, LONGEST_NAME)}`
}

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

function classOf(method: string, path: string): PathClass {
  if (path === '/graphql') return method === 'POST' ? 'graphql' : 'page'
  if (path === '/' || /^\/(graphql|assets)\//.test(path)) return 'page'
  if (path.startsWith('/health/')) return 'health'
  if (path === '/metrics') return 'metrics'
  if (path.startsWith('/export/')) return 'export'
  if (path.startsWith('/feed/')) return 'feed'
  return 'other'
}
