// A refusal that knows how it is said over HTTP.

import { type ErrorCode, UserError } from '../errors.ts'
import type { Denial } from './request-context.ts'

interface Details {
  readonly headers?: Readonly<Record<string, string>>
  readonly denied?: Denial
  /** Where a code of ours would not tell a client what to do. */
  readonly code?: string
}

/** By the status; with any other, what was sent is not sound. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  421: 'FORBIDDEN',
  408: 'LIMIT_EXCEEDED',
  413: 'LIMIT_EXCEEDED',
  429: 'LIMIT_EXCEEDED',
  431: 'LIMIT_EXCEEDED',
  503: 'LIMIT_EXCEEDED',
}

export class HttpError extends UserError {
  readonly status: number
  readonly details: Details

  constructor(status: number, message: string, details: Details = {}) {
    super(CODES[status] ?? 'BAD_USER_INPUT', message)
    this.status = status
    this.details = details
  }
}

/** The client is gone, and with it whoever could read an answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** Throws `ClientGone` once the client has left: nothing need be read for it any more. */
export function whileConnected({ signal }: Request): () => void {
  return () => {
    if (signal.aborted) throw new ClientGone()
  }
}
