// Who is connected. A process takes so many connections; where all are taken, whoever holds the most gives one up, so that
// nobody shuts others out by holding them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf, type Proxies, plainAddress } from './proxies.ts'

interface Connection {
  /**
   * Who holds it: an address of IPv4 or a /64 of IPv6. Of a connection of a trusted proxy it is the proxy's client,
   * while its request is under way. `null` where nobody knows.
   */
  network: string | null
  /** The answer to what came last; `null` before anything came. */
  last: ServerResponse | null
  /** Of a trusted proxy, behind which are many. */
  readonly ofProxy: boolean
  underWay: number
  isSound: boolean
  /** When it was opened or a request came on it, by `performance.now()`. */
  heardAt: number
}

/** A connection that was closed, as all are taken. */
export interface Crowded {
  /** See `Connection.network`. */
  readonly network: string | null
  /** How many it holds besides. */
  readonly held: number
}

export interface Connections extends Iterable<[Socket, Connection]> {
  /** `null` where there is no room: it is closed. */
  add(socket: Socket): Connection | null
  get(socket: Socket): Connection | undefined
  /** A request came: the client of a trusted proxy holds the connection from now on. */
  asked(connection: Connection, request: IncomingMessage): void
  /** Nothing is under way any more: a trusted proxy keeps its connection for whoever asks next. */
  answered(connection: Connection): void
}

/** Of all connections: who holds more of them gives up even one on which something is under way. */
const SHARE = 0.1

export function createConnections(
  most: number,
  proxies: Proxies,
  crowded: (closed: Crowded) => void,
): Connections {
  const open = new Map<Socket, Connection>()
  const held = new Map<string, number>()

  function add(socket: Socket): Connection | null {
    const address = plainAddress(socket.remoteAddress ?? '')
    const network = networkHolding(address)
    if (open.size >= most && !makeRoom(network)) {
      close(socket, network)
      return null
    }
    const heardAt = performance.now()
    const ofProxy = address !== null && network === null
    const connection = { network: null, ofProxy, last: null, underWay: 0, isSound: true, heardAt }
    open.set(socket, connection)
    charge(connection, network)
    socket.once('close', () => remove(socket))
    return connection
  }

  function networkHolding(address: string | null): string | null {
    return address === null || proxies.isTrusted(address) ? null : networkOf(address)
  }

  function charge(connection: Connection, network: string | null): void {
    const before = connection.network
    if (before === network) return
    if (before !== null) {
      if (heldBy(before) === 1) held.delete(before)
      else held.set(before, heldBy(before) - 1)
    }
    if (network !== null) held.set(network, heldBy(network) + 1)
    connection.network = network
  }

  function heldBy(network: string): number {
    return held.get(network) ?? 0
  }

  function remove(socket: Socket): void {
    const connection = open.get(socket)
    if (connection === undefined) return
    charge(connection, null)
    open.delete(socket)
  }

  function close(socket: Socket, network: string | null): void {
    remove(socket)
    socket.destroy()
    crowded({ network, held: network === null ? 0 : heldBy(network) })
  }

  /** For one more of this network: by who would hold the most then. */
  function makeRoom(network: string | null): boolean {
    let from = network
    let count = network === null ? 0 : heldBy(network) + 1
    for (const [other, its] of held) if (its > count) [from, count] = [other, its]
    const waits = ({ underWay }: Connection) => underWay === 0
    const isFrom = (one: Connection) => one.network === from
    // Who has the most loses nothing that is in use to one more of its own.
    const socket =
      count > most * SHARE
        ? (oldest(one => isFrom(one) && waits(one)) ?? (from === network ? null : oldest(isFrom)))
        : oldest(one => one.network !== null && waits(one))
    if (socket === null) return false
    close(socket, open.get(socket)?.network ?? null)
    return true
  }

  function oldest(is: (connection: Connection) => boolean): Socket | null {
    let found: Socket | null = null
    let since = Number.POSITIVE_INFINITY
    for (const [socket, connection] of open) {
      if (connection.heardAt < since && is(connection))
        [found, since] = [socket, connection.heardAt]
    }
    return found
  }

  return {
    add,
    get: socket => open.get(socket),
    asked(connection, request) {
      if (connection.ofProxy) charge(connection, networkHolding(proxies.clientOf(request)))
    },
    answered(connection) {
      if (connection.ofProxy) charge(connection, null)
    },
    [Symbol.iterator]: () => open.entries(),
  }
}
