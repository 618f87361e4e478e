// Faults between Scaleway and a client, down to the bytes on the wire: other responses, wrong pages, and broken
// connections.

import type { ServerResponse } from 'node:http'
import type { ListReply, Reply } from './scaleway-answers.ts'
import type { WireItem } from './scaleway-log.ts'

export type Fault = SaidInstead | WrongPage | BadConnection | Arrival

/** No fault of the response: these logs are added to the requested Organization just after it was made. */
type Arrival = { readonly kind: 'arrive'; readonly events: readonly WireItem[] }

/** Another response instead of the true one. */
type SaidInstead =
  /** A body of this kind, with its content type; an object is sent as JSON. Without a body if it is left out. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: 'json' | 'html' | object
      readonly headers?: Readonly<Record<string, string>>
    }
  /** 429 without a body; the header in seconds, or as an HTTP date. */
  | { readonly kind: 'retry-after'; readonly after: number | Date }
  /** 429 with Scaleway's body. */
  | {
      readonly kind: 'too-many-requests'
      readonly resetSeconds: number
      readonly quota?: number
      readonly windowSeconds?: number
    }
  /** 302 to an absolute URL. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** 200 with a page of HTML. */
  | { readonly kind: 'html' }

/** The true response with a fault in its list. A response without a list is unchanged. */
type WrongPage =
  /** The page before the requested one; page 1 for page 1. */
  | { readonly kind: 'page-before' }
  /** The log, whatever dates are requested. */
  | { readonly kind: 'dates-ignored' }
  /** No items, and the true total. */
  | { readonly kind: 'empty-page' }
  /** No items, and a total of 0. */
  | { readonly kind: 'empty-list' }
  /** A total that is wrong by this number. */
  | { readonly kind: 'wrong-total'; readonly by: number }
  /** The first item twice; of a full page, the last item is missing instead. */
  | { readonly kind: 'duplicate' }

/** The true response with a fault of the connection. */
type BadConnection =
  /** Reset before the response. */
  | { readonly kind: 'reset' }
  /** Reset after the head and half of the body. */
  | { readonly kind: 'reset-midway' }
  /** Half of the JSON, with the length of that half. */
  | { readonly kind: 'truncated' }
  /** No response, until the client gives up. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Sent when this settles. */
  | { readonly kind: 'held'; readonly until: Promise<unknown> }
  /** The same bytes under another type, such as `application/json; charset=utf-8`. */
  | { readonly kind: 'content-type'; readonly type: string }

/** A response as bytes. */
export interface Message {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const HTML = '<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>\n'

/** The response that replaces the true one, if any. */
export function saidInstead(fault: Fault | null): Message | null {
  switch (fault?.kind) {
    case 'status': {
      const { status, body, headers = {} } = fault
      if (body === 'html') return message(status, HTML, { 'Content-Type': 'text/html', ...headers })
      const json = body === 'json' ? { message: 'internal error', type: 'internal' } : body
      return json === undefined ? message(status, '', headers) : jsonMessage(status, json, headers)
    }
    case 'retry-after': {
      const { after } = fault
      const value = typeof after === 'number' ? String(after) : after.toUTCString()
      return message(429, '', { 'Retry-After': value })
    }
    case 'too-many-requests': {
      const { resetSeconds, quota = 100, windowSeconds = 60 } = fault
      return jsonMessage(429, {
        help_message: 'wait before the next request',
        limit: { quota, window_seconds: windowSeconds },
        message: 'too many requests',
        reset_at: new Date(Date.now() + resetSeconds * 1000).toISOString(),
        reset_seconds: resetSeconds,
        type: 'too_many_requests',
      })
    }
    case 'redirect':
      return message(302, '', { Location: fault.to })
    case 'html':
      return message(200, HTML, { 'Content-Type': 'text/html' })
    default:
      return null
  }
}

/** The query as a faulty Scaleway understands it. */
export function misread(fault: Fault | null, query: URLSearchParams): URLSearchParams {
  if (fault?.kind === 'dates-ignored') {
    return new URLSearchParams(
      [...query].filter(([name]) => !/^created_(after|before)$/.test(name)),
    )
  }
  const page = Number(query.get('page') ?? 1)
  if (fault?.kind !== 'page-before' || !(page > 1)) return query
  const misread = new URLSearchParams(query)
  misread.set('page', String(page - 1))
  return misread
}

/** The bytes of a reply, with faults of its page and its content type. */
export function written(reply: Reply, fault: Fault | null): Message {
  const headers = fault?.kind === 'content-type' ? { 'Content-Type': fault.type } : {}
  if ('status' in reply) return jsonMessage(reply.status, reply.body, headers)
  const { key, items, total } = wrongPage(reply, fault)
  return jsonMessage(200, { [key]: items, total_count: total }, headers)
}

function wrongPage(reply: ListReply, fault: Fault | null): ListReply {
  const { items, total, pageSize } = reply
  switch (fault?.kind) {
    case 'empty-page':
      return { ...reply, items: [] }
    case 'empty-list':
      return { ...reply, items: [], total: 0 }
    case 'wrong-total':
      return { ...reply, total: Number(total) + fault.by }
    case 'duplicate':
      return { ...reply, items: [...items.slice(0, 1), ...items].slice(0, pageSize) }
    default:
      return reply
  }
}

/** Sends a message to the client, with faults of the connection. */
export function send(response: ServerResponse, sent: Message, fault: Fault | null): void {
  const respond = (body: Buffer) => {
    if (response.destroyed) return
    response.writeHead(sent.status, { ...sent.headers, 'Content-Length': String(body.length) })
    response.end(body)
  }
  if (response.destroyed) return
  const half = () => sent.body.subarray(0, Math.floor(sent.body.length / 2))
  switch (fault?.kind) {
    case 'reset':
      response.socket?.resetAndDestroy()
      break
    case 'reset-midway':
      response.writeHead(sent.status, {
        ...sent.headers,
        'Content-Length': String(sent.body.length),
      })
      response.write(half(), () => response.socket?.resetAndDestroy())
      break
    case 'truncated':
      respond(half())
      break
    case 'silent':
      break
    case 'slow':
      setTimeout(respond, fault.milliseconds, sent.body).unref()
      break
    case 'held':
      fault.until.then(
        () => respond(sent.body),
        () => respond(sent.body),
      )
      break
    default:
      respond(sent.body)
  }
}

export function jsonMessage(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Message {
  return message(status, JSON.stringify(body), { 'Content-Type': 'application/json', ...headers })
}

function message(status: number, body: string, headers: Readonly<Record<string, string>>): Message {
  return { status, headers, body: Buffer.from(body) }
}
