// Whether a text is an address by the API's rules.

import type { View } from '../view/view.ts'

/** IPv4 as four decimal numbers without leading zeros, IPv6, and blocks of either. */
export function isAddress(text: string): boolean {
  const [address = '', length, ...more] = text.split('/')
  if (more.length > 0) return false
  const isIPv6 = address.includes(':')
  const parts = address.split('.')
  const isSingle = isIPv6
    ? URL.canParse(`http://[${address}]/`)
    : parts.length === 4 && parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256)
  const isLength = (text: string) => /^\d{1,3}$/.test(text) && +text <= (isIPv6 ? 128 : 32)
  return isSingle && (length === undefined || isLength(length))
}

/** The first of the filters' addresses that is invalid; `null` if all are valid. */
export function wrongAddressIn({ ipAddresses, notIpAddresses }: View): string | null {
  return [...ipAddresses, ...notIpAddresses].find(address => !isAddress(address)) ?? null
}
