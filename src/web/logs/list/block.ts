// The block around an address: often the same party uses all of it.

/** The /24 of an IPv4 address or the /64 of an IPv6 address; `null` if the text is not an address. */
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
