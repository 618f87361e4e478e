// Which address a client has: that of its connection, or, where that is a proxy's of ours, the one the proxy tells.
// Anybody can send these headers, so nobody else is believed.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export interface Proxies {
  isTrusted(address: string): boolean
  /** `null` where nobody knows. */
  clientOf(request: Pick<IncomingMessage, 'headers' | 'socket'>): string | null
}

/** `trusted`: addresses, and blocks such as 10.0.0.0/8. */
export function createProxies(trusted: readonly string[]): Proxies {
  const ours = trusted.map(text =>
    ipaddr.parseCIDR(text.includes('/') ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`),
  )
  const isTrusted = (address: string) =>
    ours.length > 0 && ipaddr.subnetMatch(ipaddr.process(address), { ours }, 'others') === 'ours'

  return {
    isTrusted,
    clientOf({ headers, socket: { remoteAddress } }) {
      let client = plainAddress(remoteAddress ?? '')
      if (client === null || !isTrusted(client)) return client
      // Each proxy adds who asked it, so what a stranger wrote stands before the first that is no proxy of ours.
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

/** IPv4 as such, however it is written; IPv6 in its short form. `null` for what is no address. */
export function plainAddress(text: string): string | null {
  const family = isIP(text)
  if (family === 4) return text
  return family === 6 ? ipaddr.process(text.replace(/%.*/, '')).toString() : null
}

/** What one client has to itself: an address of IPv4, or a /64 of IPv6, of which any machine can take all. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`)}/64`
}

/** From the client to the last proxy but one. Nearly all proxies write X-Forwarded-For, so it goes before Forwarded. */
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
