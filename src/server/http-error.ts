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

function codeOf(status: number): ErrorCode {
  if (status === 403 || status === 421) return 'FORBIDDEN'
  return [408, 413, 429, 431, 503].includes(status) ? 'LIMIT_EXCEEDED' : 'BAD_USER_INPUT'
}

export class HttpError extends UserError {
  readonly status: number
  readonly details: Details

  constructor(status: number, message: string, details: Details = {}) {
    super(codeOf(status), message)
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
