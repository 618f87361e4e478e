// Addresses and blocks, by the API's rules.

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

/**
 * The block around an address, because often the same party uses all of it: the /24 of an IPv4 address or the /64 of
 * an IPv6 address; `null` if the text is not an address.
 */
export function blockOf(address: string): string | null {
  const four = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(address)
  if (four !== null) return `${four[1]}.0/24`
  if (!/^[\da-f:]+$/i.test(address) || !address.includes(':')) return null
  const [before = '', after] = address.split('::')
  const head = before.split(':').filter(Boolean)
  const tail = (after ?? '').split(':').filter(Boolean)
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length
  const network = [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail].slice(0, 4)
  return network.length < 4 ? null : `${network.join(':')}::/64`
}
