// A refusal with its status and headers for HTTP.

import { type ErrorCode, UserError } from '../errors.ts'
import type { Denial } from './request-context.ts'

export interface Details {
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds, for Retry-After. */
  readonly retryAfter?: number
  readonly denied?: Denial
  /** Overrides the code that follows from the status. */
  readonly code?: string
}

/** By status; `BAD_USER_INPUT` for any other. */
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

/** The client has disconnected, so nobody can read a response. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** Returns a check that throws `ClientGone` once the client has disconnected, so that reading ends. */
export function whileConnected({ signal }: Request): () => void {
  return () => {
    if (signal.aborted) throw new ClientGone()
  }
}
