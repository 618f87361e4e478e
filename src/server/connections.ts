// The open connections of a process. When the limit is reached, the network with the most connections loses one for the
// new one, so that nobody can shut others out by holding connections.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf, type Proxies, plainAddress } from './proxies.ts'

interface Connection {
  /**
   * An IPv4 address or an IPv6 /64; for a connection of a trusted proxy that of the proxy's client, while a request is
   * in progress. `null` if unknown.
   */
  network: string | null
  /** The response to the last request; `null` before the first. */
  lastResponse: ServerResponse | null
  readonly isOfProxy: boolean
  requestsInProgress: number
  /** Whether all its requests so far were valid. */
  isSound: boolean
  /** When it was opened or the last request arrived, by `performance.now()`. */
  activeAt: number
}

/** A connection that was closed because there were too many. */
export interface Crowded {
  /** See `Connection.network`. */
  readonly network: string | null
  /** How many others this network holds. */
  readonly held: number
}

export interface Connections extends Iterable<[Socket, Connection]> {
  /** Returns `null` if the new connection was closed because there is no room. */
  add(socket: Socket): Connection | null
  get(socket: Socket): Connection | undefined
  /** Must be called for each request: a trusted proxy's connection now counts for its client. */
  requestStarted(connection: Connection, request: IncomingMessage): void
  /** Must be called when no request is in progress: a trusted proxy reuses its connection for any client. */
  idle(connection: Connection): void
}

/** A network with more than this share of all connections may lose even one that is in use. */
const SHARE = 0.1

export function createConnections(
  limit: number,
  proxies: Proxies,
  crowded: (closed: Crowded) => void,
): Connections {
  const open = new Map<Socket, Connection>()
  const counts = new Map<string, number>()

  function add(socket: Socket): Connection | null {
    const address = plainAddress(socket.remoteAddress ?? '')
    const network = networkHolding(address)
    if (open.size >= limit && !makeRoom(network)) {
      close(socket, network)
      return null
    }
    const connection = {
      network: null,
      lastResponse: null,
      isOfProxy: address !== null && network === null,
      requestsInProgress: 0,
      isSound: true,
      activeAt: performance.now(),
    }
    open.set(socket, connection)
    assign(connection, network)
    socket.once('close', () => remove(socket))
    return connection
  }

  function networkHolding(address: string | null): string | null {
    return address === null || proxies.isTrusted(address) ? null : networkOf(address)
  }

  function assign(connection: Connection, network: string | null): void {
    const before = connection.network
    if (before === network) return
    if (before !== null) {
      if (heldBy(before) === 1) counts.delete(before)
      else counts.set(before, heldBy(before) - 1)
    }
    if (network !== null) counts.set(network, heldBy(network) + 1)
    connection.network = network
  }

  function heldBy(network: string): number {
    return counts.get(network) ?? 0
  }

  function remove(socket: Socket): void {
    const connection = open.get(socket)
    if (connection === undefined) return
    assign(connection, null)
    open.delete(socket)
  }

  function close(socket: Socket, network: string | null): void {
    remove(socket)
    socket.destroy()
    crowded({ network, held: network === null ? 0 : heldBy(network) })
  }

  /** Closes a connection to make room for one of `network`, from the network that would then hold the most. */
  function makeRoom(network: string | null): boolean {
    let largest = network
    let most = network === null ? 0 : heldBy(network) + 1
    for (const [other, count] of counts) if (count > most) [largest, most] = [other, count]
    const isIdle = ({ requestsInProgress }: Connection) => requestsInProgress === 0
    const isOfLargest = (one: Connection) => one.network === largest
    // A network never loses a connection in use to another one of its own.
    const socket =
      most > limit * SHARE
        ? (oldest(one => isOfLargest(one) && isIdle(one)) ??
          (largest === network ? null : oldest(isOfLargest)))
        : oldest(one => one.network !== null && isIdle(one))
    if (socket === null) return false
    close(socket, open.get(socket)?.network ?? null)
    return true
  }

  function oldest(matches: (connection: Connection) => boolean): Socket | null {
    let found: Socket | null = null
    let since = Number.POSITIVE_INFINITY
    for (const [socket, connection] of open) {
      if (connection.activeAt < since && matches(connection))
        [found, since] = [socket, connection.activeAt]
    }
    return found
  }

  return {
    add,
    get: socket => open.get(socket),
    requestStarted(connection, request) {
      if (connection.isOfProxy) assign(connection, networkHolding(proxies.clientOf(request)))
    },
    idle(connection) {
      if (connection.isOfProxy) assign(connection, null)
    },
    [Symbol.iterator]: () => open.entries(),
  }
}
