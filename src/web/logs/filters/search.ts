// What a text that is searched for most likely means, and how it becomes a condition.

import type { View } from '../view/view.ts'

export const MEANINGS = ['ipAddresses', 'resourceIds', 'principalIds', 'userAgent'] as const

export type Meaning = (typeof MEANINGS)[number]

/** Whole addresses and blocks only: "8.0" is rather part of a version. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*)(\/\d*)?$/i

/** A UUID, or an API key's access key. */
const ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|SCW[0-9A-Z]{17})$/i

export function meaningOf(text: string): Meaning {
  const words = wordsOf(text)
  if (words.length === 0) return 'userAgent'
  if (words.every(word => ADDRESS.test(word))) return 'ipAddresses'
  return words.every(word => ID.test(word)) ? 'resourceIds' : 'userAgent'
}

/** A user agent takes the place of what was there; anything else is added. */
export function asCondition(text: string, meaning: Meaning, view: View): Partial<View> {
  if (meaning === 'userAgent') return { userAgent: text.trim() }
  return { [meaning]: [...new Set([...view[meaning], ...wordsOf(text)])] }
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}
