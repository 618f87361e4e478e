// What a text that is searched for most likely means, and how it becomes a condition.

import type { View } from '../view/view.ts'

export const MEANINGS = ['ipAddress', 'resourceIds', 'principalIds', 'userAgent'] as const

export type Meaning = (typeof MEANINGS)[number]

/** Whole addresses and blocks only: "8.0" is rather part of a version. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*)(\/\d*)?$/i

/** A UUID, or an API key's access key. */
const ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|SCW[0-9A-Z]{17})$/i

export function meaningOf(text: string): Meaning {
  if (ADDRESS.test(text.trim())) return 'ipAddress'
  const words = wordsOf(text)
  return words.length > 0 && words.every(word => ID.test(word)) ? 'resourceIds' : 'userAgent'
}

/** IDs are added to those there are, anything else takes the place of what was there. */
export function asCondition(text: string, meaning: Meaning, view: View): Partial<View> {
  if (meaning === 'ipAddress' || meaning === 'userAgent') return { [meaning]: text.trim() }
  return { [meaning]: [...new Set([...view[meaning], ...wordsOf(text)])] }
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}
