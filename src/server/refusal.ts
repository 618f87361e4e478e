// A refusal that knows how it is said over HTTP, in the shape of a GraphQL answer, so that clients need only one way to
// read an error. Anything else that is thrown is a surprise: masked, and told to the operator.

import { type ErrorCode, Refusal } from '../errors.ts'
import type { Denied, RequestContext } from './request-context.ts'

/** What went wrong inside, for the operator; never for the client. With the ID of the request it belongs to. */
export type ReportFault = (error: unknown, requestId?: string) => void

interface Details {
  readonly headers?: Readonly<Record<string, string>>
  readonly denied?: Denied
  /** Where a code of ours would not tell a client what to do. */
  readonly code?: string
}

export class HttpRefusal extends Refusal {
  readonly status: number
  readonly details: Details

  constructor(status: number, code: ErrorCode, message: string, details: Details = {}) {
    super(code, message)
    this.status = status
    this.details = details
  }
}

/** The client is gone, and with it whoever could read an answer. */
export class HungUp extends Error {
  override readonly name = 'HungUp'
}

/** Throws `HungUp` once the client has left: nothing need be read for it any more. */
export function whileThere({ signal }: Request): () => void {
  return () => {
    if (signal.aborted) throw new HungUp()
  }
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  LIMIT_EXCEEDED: 400,
}

export const MASKED = 'Something went wrong here; the operator was told.'

/** How any error is said: its status, its words, and headers. What is no refusal is reported. */
export function spoken(
  error: unknown,
  context: RequestContext,
  report: ReportFault,
): { status: number; code: string; message: string; headers: Readonly<Record<string, string>> } {
  if (error instanceof HungUp) return { status: 499, code: '', message: '', headers: {} }
  if (!(error instanceof Refusal)) {
    report(error, context.requestId)
    return { status: 500, code: 'INTERNAL_SERVER_ERROR', message: MASKED, headers: {} }
  }
  const { status, details } =
    error instanceof HttpRefusal ? error : { status: STATUS[error.code], details: {} as Details }
  context.denied ??= details.denied ?? null
  const headers = {
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...details.headers,
  }
  return { status, code: details.code ?? error.code, message: error.message, headers }
}

export interface Refused {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** The answer to who gets none, for nobody else to keep. */
export function refused(
  error: unknown,
  context: RequestContext,
  report: ReportFault,
  type = 'application/json',
): Refused {
  const { status, code, message, headers } = spoken(error, context, report)
  // Nobody hears it; logs have come to know it by this number.
  if (status === 499) return { status, headers: {}, body: '' }
  context.codes = [code]
  return {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ errors: [{ message, extensions: { code } }] }),
  }
}
