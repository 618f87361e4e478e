// The address of a client: that of its connection, or the one in the forwarding headers of a trusted proxy. Anybody can
// send such headers, so those of others are ignored.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export type Proxies = ReturnType<typeof createProxies>

/** `trusted`: addresses, and blocks such as 10.0.0.0/8. */
export function createProxies(trusted: readonly string[]) {
  const blocks = trusted.map(text =>
    ipaddr.parseCIDR(text.includes('/') ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`),
  )
  const isTrusted = (address: string) =>
    blocks.length > 0 &&
    ipaddr.subnetMatch(ipaddr.process(address), { trusted: blocks }, 'others') === 'trusted'

  return {
    isTrusted,
    /** `null` if unknown. */
    clientOf(request: Pick<IncomingMessage, 'headers' | 'socket'>): string | null {
      const { headers, socket } = request
      let client = plainAddress(socket.remoteAddress ?? '')
      if (client === null || !isTrusted(client)) return client
      // Each proxy appends its client, so the last address that is not a trusted proxy's is the client's; all before it
      // could be forged.
      for (const hop of hopsIn(headers).reverse()) {
        const before = plainAddress(hop)
        if (before === null) break
        client = before
        if (!isTrusted(client)) break
      }
      return client
    },
  }
}

/** IPv4-mapped addresses as IPv4, IPv6 in its short form; `null` for anything else. */
export function plainAddress(text: string): string | null {
  const family = isIP(text)
  if (family === 4) return text
  return family === 6 ? ipaddr.process(text.replace(/%.*/, '')).toString() : null
}

/** An IPv4 address, or the /64 of an IPv6 address, because one machine can use any address of it. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`)}/64`
}

/** A network with more than this share of all connections or streams may lose one to another network. */
const SHARE = 0.1

/**
 * At the limit of connections or streams: the network that would hold the most of them with a new one of `network`, and
 * must lose one, so that nobody can shut others out; `null` if none would hold more than its share. `held`: the network
 * of each; those of `null` count for none.
 */
export function crowdingNetwork(
  held: readonly (string | null)[],
  network: string | null,
  limit: number,
): string | null {
  const counts = new Map([[network, 1]])
  for (const one of held) counts.set(one, (counts.get(one) ?? 0) + 1)
  let crowding: string | null = null
  let most = limit * SHARE
  for (const [one, count] of counts) {
    if (one !== null && count > most) [crowding, most] = [one, count]
  }
  return crowding
}

/**
 * The addresses from the client to the last proxy but one. X-Forwarded-For, which nearly all proxies write, takes
 * precedence over Forwarded.
 */
function hopsIn({ 'x-forwarded-for': list, forwarded }: IncomingMessage['headers']): string[] {
  if (list !== undefined) return [list].flat().join().split(',').map(withoutPort)
  const elements = forwarded?.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []
  return elements.map(element => {
    const [, quoted, token] = /(?:^|;)\s*for=(?:"([^"]*)"|([^;\s]*))/i.exec(element) ?? []
    return withoutPort(quoted ?? token ?? '')
  })
}

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`. */
function withoutPort(text: string): string {
  const [, inBrackets, withPort] = /^\[([^\]]*)\](?::\d*)?$|^([\d.]+):\d*$/.exec(text.trim()) ?? []
  return inBrackets ?? withPort ?? text.trim()
}
