// Checks of arguments that several fields share.

import { InputError, quoted, UserError } from '../errors.ts'
import { canonicalId } from '../id.ts'
import { isKeepable } from '../text.ts'

/** The longest list of IDs or words in one argument. */
export const LONGEST_LIST = 100

/** In characters, of a text to search for. */
export const LONGEST_TEXT = 256

/** Returns the IDs in canonical form. */
export function idsOf(name: string, ids: readonly string[]): string[] {
  return listOf(name, ids).map(canonicalId)
}

export function listOf<T>(name: string, list: readonly T[], most = LONGEST_LIST): readonly T[] {
  if (list.length > most) {
    throw new UserError(
      'LIMIT_EXCEEDED',
      `${name} has ${list.length} items, more than ${most}; split them over several queries`,
    )
  }
  return list
}

/** A text to search for. */
export function textOf(name: string, text: string): string {
  checkLength(name, text, LONGEST_TEXT, 'search for a part of it')
  if (!isKeepable(text)) {
    throw new InputError(
      `${name}: ${quoted(text)} contains NUL or half of a surrogate pair; remove it`,
    )
  }
  return text
}

/** In characters; `instead`: what to do, for the message. */
export function checkLength(name: string, text: string, most: number, instead: string): void {
  if (text.length <= most) return
  throw new UserError(
    'LIMIT_EXCEEDED',
    `${name} has ${text.length} characters, more than ${most}; ${instead}`,
  )
}
