// The open connections of a process. When the limit is reached, the network with the most connections loses one for the
// new one, so that nobody can shut others out by holding connections.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { crowdingNetwork, networkOf, type Proxies, plainAddress } from './proxies.ts'

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

export function createConnections(
  limit: number,
  proxies: Proxies,
  crowded: (closed: Crowded) => void,
) {
  const open = new Map<Socket, Connection>()
  const networks = () => Array.from(open.values(), ({ network }) => network)

  /** Returns `null` if the new connection was closed because there is no room. */
  function add(socket: Socket): Connection | null {
    const address = plainAddress(socket.remoteAddress ?? '')
    const network = networkHolding(address)
    if (open.size >= limit && !makeRoom(network)) {
      close(socket, network)
      return null
    }
    const connection = {
      network,
      lastResponse: null,
      isOfProxy: address !== null && network === null,
      requestsInProgress: 0,
      isSound: true,
      activeAt: performance.now(),
    }
    open.set(socket, connection)
    socket.once('close', () => open.delete(socket))
    return connection
  }

  function networkHolding(address: string | null): string | null {
    return address === null || proxies.isTrusted(address) ? null : networkOf(address)
  }

  function close(socket: Socket, network: string | null): void {
    open.delete(socket)
    socket.destroy()
    const held = network === null ? 0 : networks().filter(one => one === network).length
    crowded({ network, held })
  }

  /** Closes a connection to make room for one of `network`. */
  function makeRoom(network: string | null): boolean {
    const crowding = crowdingNetwork(networks(), network, limit)
    const isIdle = ({ requestsInProgress }: Connection) => requestsInProgress === 0
    const isCrowding = (one: Connection) => one.network === crowding
    // A network never loses a connection in use to another one of its own.
    const socket =
      crowding === null
        ? oldest(one => one.network !== null && isIdle(one))
        : (oldest(one => isCrowding(one) && isIdle(one)) ??
          (crowding === network ? null : oldest(isCrowding)))
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
    get: (socket: Socket) => open.get(socket),
    /** Must be called for each request: a trusted proxy's connection now counts for its client. */
    requestStarted(connection: Connection, request: IncomingMessage) {
      if (connection.isOfProxy) connection.network = networkHolding(proxies.clientOf(request))
    },
    /** Must be called when no request is in progress: a trusted proxy reuses its connection for any client. */
    idle(connection: Connection) {
      if (connection.isOfProxy) connection.network = null
    },
    [Symbol.iterator]: () => open.entries(),
  }
}
