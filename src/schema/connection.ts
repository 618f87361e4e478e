// Connections by the Relay cursor specification: their arguments, pages and types. A connection reads its page only
// when a field of it is requested, and counts only for `totalCount`.

import type { InputShapeFromFields, InterfaceRef, ObjectRef } from '@pothos/core'
import { InputError, quoted, UserError } from '../errors.ts'
import type { EventQuery } from '../event.ts'
import type { Awaitable } from '../log-reader.ts'
import { builder, exposed, type SchemaTypes } from './builder.ts'
import { type Args, costs } from './cost.ts'

export const DEFAULT_PAGE = 50
export const LARGEST_PAGE = 100

/** `after` and `before` are exclusive. */
export type PageRequest<Place> = Required<Pick<EventQuery, 'limit' | 'fromEnd'>> &
  Readonly<Record<'after' | 'before', Place | null>>

export interface Page<Node> {
  readonly nodes: readonly Node[]
  /** Whether there are more in the direction of reading. */
  readonly hasMore: boolean
}

export interface Connection<Node> {
  readonly page: () => Promise<Page<Node>>
  readonly cursorOf: (node: Node) => string
  readonly count: () => Awaitable<number>
  readonly request: PageRequest<unknown>
}

/** Converts places in a list to opaque cursors and back; `read` returns `null` for an invalid cursor. */
export interface CursorFormat<Place> {
  readonly write: (place: Place) => string
  readonly read: (cursor: string) => Place | null
}

export type PageArguments = InputShapeFromFields<ReturnType<typeof pageArguments>>

export function connection<Place, Node extends Place>(
  args: PageArguments,
  cursors: CursorFormat<Place>,
  read: (request: PageRequest<Place>) => Promise<Page<Node>>,
  count: () => Awaitable<number>,
): Connection<Node> {
  const { first, last } = args
  if (first != null && last != null) {
    throw new InputError('first and last were both given; give one of them')
  }
  const place = (name: 'after' | 'before') => {
    const cursor = args[name]
    const found = cursor == null ? null : cursors.read(cursor)
    if (found !== null || cursor == null) return found
    throw new InputError(
      `${name}: ${quoted(cursor)} is not a cursor of this list; use one from its pageInfo or edges`,
    )
  }
  const fromEnd = last != null
  const limit = pageSize(fromEnd ? 'last' : 'first', last ?? first, nextBy('pageInfo'))
  const request = { limit, after: place('after'), before: place('before'), fromEnd }
  return { request, cursorOf: cursors.write, page: once(() => read(request)), count }
}

/** The number of items; `instead`: how to get more than allowed, for the message. */
export function pageSize(
  name: string,
  requested: number | null | undefined,
  instead: string,
  least = 0,
): number {
  const size = requested ?? DEFAULT_PAGE
  if (size < least) {
    throw new InputError(`${name}: ${size} is less than ${least}; ask for ${least} or more`)
  }
  if (size > LARGEST_PAGE) {
    throw new UserError('LIMIT_EXCEEDED', `${name}: ${size} is more than ${LARGEST_PAGE}${instead}`)
  }
  return size
}

/** `field`: the field that leads to the next page. */
export function nextBy(field: string): string {
  return `, the largest page; ask for ${LARGEST_PAGE} and follow ${field}`
}

/** Reads at the first call, and caches the result. */
export function once<T>(read: () => Awaitable<T>): () => Promise<T> {
  let reading: Promise<T> | undefined
  return () => {
    reading ??= (async () => read())()
    return reading
  }
}

const PageInfoType = builder.objectRef<ReturnType<typeof pageInfo>>('PageInfo').implement({
  description: 'The position of a page in its list.',
  fields: t => ({
    ...exposed(t, 'String', {
      startCursor: 'The cursor of the first item, for `before`; null on an empty page.',
      endCursor: 'The cursor of the last item, for `after`; null on an empty page.',
    }),
    ...exposed(t, 'Boolean!', {
      hasNextPage: 'Whether there are items after the last one of this page.',
      hasPreviousPage: 'Whether there are items before the first one of this page.',
    }),
  }),
})

function pageInfo<Node>({ request, cursorOf }: Connection<Node>, { nodes, hasMore }: Page<Node>) {
  const [first, last] = [nodes[0], nodes.at(-1)]
  return {
    hasNextPage: request.fromEnd ? request.before !== null : hasMore,
    hasPreviousPage: request.fromEnd ? hasMore : request.after !== null,
    startCursor: first === undefined ? null : cursorOf(first),
    endCursor: last === undefined ? null : cursorOf(last),
  }
}

/** The arguments of every connection field; `what` names the items. */
export function pageArguments(what: string) {
  return builder.args(t => ({
    first: t.int({
      description: `The maximum number of ${what}, from the start of the list: ${DEFAULT_PAGE} by default, at most
${LARGEST_PAGE}.`,
    }),
    after: t.string({ description: `Only ${what} after this cursor.` }),
    last: t.int({
      description: `The maximum number of ${what}, from the end of the list, instead of \`first\`.`,
    }),
    before: t.string({ description: `Only ${what} before this cursor.` }),
  }))
}

/** The argument and the cost of a list that has no pages. */
export function listed(what: string, defaultValue: number, reads: number) {
  const description = `The maximum number of ${what}, from 1 to ${LARGEST_PAGE}.`
  return {
    args: builder.args(t => ({ first: t.int({ required: true, defaultValue, description }) })),
    extensions: costs({ reads, items: requestedItems }),
  }
}

/** The cost of a field that returns a page, by the number of requested items. */
export const PAGED = costs({ reads: 10, items: requestedItems })

/** Limited to the largest page: a larger request is refused by `pageSize`. */
function requestedItems(args: Args): number {
  const requested = args.first ?? args.last ?? DEFAULT_PAGE
  return Math.max(0, Math.min(Number(requested), LARGEST_PAGE))
}

/** The types `<Name>Connection` and `<Name>Edge` over nodes of the type `node`. */
export function connectionType<Node extends object>(
  name: string,
  what: string,
  node: ObjectRef<SchemaTypes, Node> | InterfaceRef<SchemaTypes, Node>,
) {
  type Edge = { readonly node: object; readonly cursor: string }
  const type = node as ObjectRef<SchemaTypes, object>
  const EdgeType = builder.objectRef<Edge>(`${name}Edge`).implement({
    description: `An item of a page of ${what}, with its cursor.`,
    fields: t => ({
      cursor: t.exposeString('cursor', {
        description: 'The cursor, for `after` and `before`. Opaque and permanent.',
      }),
      node: t.expose('node', { type, description: 'The item.' }),
    }),
  })
  const ConnectionType = builder.objectRef<Connection<object>>(`${name}Connection`).implement({
    description: `A page of ${what}.`,
    fields: t => ({
      edges: t.field({
        type: [EdgeType],
        description: 'The items of the page, with their cursors.',
        resolve: async ({ page, cursorOf }) =>
          (await page()).nodes.map(node => ({ node, cursor: cursorOf(node) })),
      }),
      nodes: t.field({
        type: [type],
        description: 'The items of the page.',
        resolve: async ({ page }) => (await page()).nodes,
      }),
      pageInfo: t.field({
        type: PageInfoType,
        description: 'The position of the page in the list.',
        resolve: async connection => pageInfo(connection, await connection.page()),
      }),
      totalCount: t.int({
        description: `The exact number of ${what} that match, on all pages. Counted only if requested.`,
        extensions: costs({ reads: 10 }),
        resolve: ({ count }) => count(),
      }),
    }),
  })
  return ConnectionType as unknown as ObjectRef<SchemaTypes, Connection<Node>>
}
