// A client of subscriptions over server-sent events, and filters as input of the graph.

import type { AddressBlock, EventFilter } from '../../src/event.ts'
import { formatInstant } from '../../src/instant.ts'
import { ORGANIZATION } from './events.ts'

interface Message {
  readonly id: string | undefined
  readonly event: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: the type of a message depends on its query
  readonly data: any
}

export interface Listener {
  readonly response: Response
  /** The next message except heartbeats; `null` at the end. */
  next(): Promise<Message | null>
  /** All messages up to the end. */
  rest(): Promise<Message[]>
  /** The text of the next block, also of a heartbeat; `null` at the end. */
  block(): Promise<string | null>
  /** The rest of the text. */
  text(): Promise<string>
  leave(): Promise<void>
}

/** A heartbeat with a cursor. */
export const HEARTBEAT = /^:\nid: [0-9a-f-]{36}\n\n$/

export const EVENTS = `subscription ($organizationId: ID!, $filter: EventFilter, $after: String) {
  eventRecorded(organizationId: $organizationId, filter: $filter, after: $after) { id: eventId }
}`

export interface Subscribing {
  readonly token: string
  readonly query?: string
  readonly variables?: object
  readonly accept?: string
  readonly signal?: AbortSignal
}

/** Sends a request to an app or a server. */
export type Door = (path: string, init: RequestInit) => Promise<Response>

/** Subscribes, by default to the events of `ORGANIZATION`. */
export async function subscribe(door: Door, options: Subscribing): Promise<Listener> {
  const { token, query = EVENTS, variables, accept = 'text/event-stream', signal } = options
  const response = await door('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, 'x-auth-token': token },
    body: JSON.stringify({ query, variables: { organizationId: ORGANIZATION, ...variables } }),
    ...(signal && { signal }),
  })
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''

  async function block(): Promise<string | null> {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const block = text.slice(0, end + 2)
        text = text.slice(end + 2)
        return block
      }
      const read = await reader?.read()
      if (read === undefined || read.done) return null
      text += decoder.decode(read.value, { stream: true })
    }
  }

  async function next(): Promise<Message | null> {
    for (;;) {
      const found = await block()
      if (found === null) return null
      if (!found.startsWith(':')) return messageOf(found)
    }
  }

  return {
    response,
    block,
    next,
    async rest() {
      const messages: Message[] = []
      for (;;) {
        const message = await next()
        if (message === null) return messages
        messages.push(message)
      }
    },
    async text() {
      for (;;) {
        const read = await reader?.read()
        if (read === undefined || read.done) return text
        text += decoder.decode(read.value, { stream: true })
      }
    },
    leave: async () => reader?.cancel(),
  }
}

function messageOf(block: string): Message {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1]
  const data = field('data')
  return { id: field('id'), event: field('event'), data: data ? JSON.parse(data) : undefined }
}

/** A filter of test/support/events.ts as input of the graph. */
export function filterInput({ not, createdAfter, createdBefore, ...filter }: EventFilter) {
  return {
    ...wordsAndBlocks(filter),
    ...(createdAfter !== undefined && { createdAfter: formatInstant(createdAfter) }),
    ...(createdBefore !== undefined && { createdBefore: formatInstant(createdBefore) }),
    ...(not && { not: wordsAndBlocks(not) }),
  }
}

function wordsAndBlocks<Filter extends Pick<EventFilter, 'actions' | 'categories' | 'addresses'>>({
  addresses,
  ...rest
}: Filter) {
  return {
    ...rest,
    ...(rest.actions && { actions: rest.actions.map(word => word.toUpperCase()) }),
    ...(rest.categories && { categories: rest.categories.map(word => word.toUpperCase()) }),
    ...(addresses && { ipAddresses: addresses.map(blockOf) }),
  }
}

/** The filter without createdBefore if that is before createdAfter, which the graph refuses. */
export function inOrder(filter: EventFilter): EventFilter {
  const { createdBefore, ...rest } = filter
  if (createdBefore === undefined || (filter.createdAfter ?? createdBefore) <= createdBefore) {
    return filter
  }
  return rest
}

/** Only for the blocks of `arbitraryFilter`. */
function blockOf({ first, last }: AddressBlock): string {
  if (first.length === 16) return '::/0'
  return first.join() === last.join() ? first.join('.') : `${first.join('.')}/24`
}
