// Texts that somebody typed or made up: what they are by their form alone, addresses and blocks by the API's rules, or
// IDs; and with invisible characters shown, because they can deceive.

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

type Typed =
  /** One or more addresses and blocks. */
  | { readonly kind: 'addresses'; readonly values: readonly string[] }
  /** A word that looks like an address, but is not valid. */
  | { readonly kind: 'wrong'; readonly word: string }
  /** Several IDs. A single ID is searched for like any other text. */
  | { readonly kind: 'ids'; readonly values: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }

/** The filter's limit on the number of values. */
const MOST_WORDS = 100

/** A UUID, or an API key's access key. */
const ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|SCW[0-9A-Z]{17})$/i

/** Four numbers, or fewer with a prefix length: "8.0" is probably part of a version. */
const LIKE_IPV4 = /^(\d+(\.\d+){3}(\/.*)?|\d+(\.\d+)*\/\d+)$/
const LIKE_IPV6 = /^[0-9a-z.]*:[0-9a-z.]*:[0-9a-z:.]*(\/.*)?$/i

export function typedAs(text: string): Typed {
  const words = [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
  if (words.length > 0 && words.length <= MOST_WORDS) {
    if (words.every(likeAddress)) {
      const word = words.find(word => !isAddress(word))
      return word === undefined ? { kind: 'addresses', values: words } : { kind: 'wrong', word }
    }
    if (words.length > 1 && words.every(word => ID.test(word)))
      return { kind: 'ids', values: words }
  }
  return { kind: 'text', text: text.trim() }
}

function likeAddress(word: string): boolean {
  return LIKE_IPV4.test(word) || LIKE_IPV6.test(word)
}

/**
 * Replaces each control character and each character without width by its code, except those that join letters or
 * select a glyph where a script needs them.
 */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, sign => {
    const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase()
    return `[U+${code.padStart(4, '0')}]`
  })
}

const UNSEEN =
  /(?<![^\x20-\x7e])[\p{Join_Control}\p{Variation_Selector}]|(?![\p{Join_Control}\p{Variation_Selector}])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
