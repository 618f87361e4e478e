// What a text that is searched for is, by its form alone.

import { isAddress } from '../parts/ip-address.ts'

export type Typed =
  /** Addresses and blocks, each of them one. */
  | { readonly kind: 'addresses'; readonly values: readonly string[] }
  /** Something that was meant as an address and is none. */
  | { readonly kind: 'wrong'; readonly word: string }
  /** Several IDs. One is looked for as any other text. */
  | { readonly kind: 'ids'; readonly values: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }

/** As many at once as a filter takes. */
const MOST_WORDS = 100

/** A UUID, or an API key's access key. */
const ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|SCW[0-9A-Z]{17})$/i

/** Four numbers, or fewer and a length: "8.0" is rather part of a version. */
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
