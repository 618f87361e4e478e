// What kind of value a search text is, by its form alone.

import { isAddress } from '../parts/ip-address.ts'

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
