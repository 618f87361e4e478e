// Which text a request asks to be answered: the one it holds; or, where only persisted documents are answered, one
// of those, by an ID, by its hash, or by its text. Whatever is none of them is refused alike.

import { createHash } from 'node:crypto'
import { stripIgnoredCharacters } from 'graphql'
import { Refusal } from '../errors.ts'
import { DOCUMENT_LIMITS } from '../graph/limits.ts'
import type { PersistedDocuments } from '../graph/persisted.ts'
import { type Asked, bad } from './asked.ts'

/** Refuses what names no document, or one that is not answered. */
export type TextOf = (asked: Asked) => string

/** Any text. */
export const anyText: TextOf = ({ query, documentId }) => {
  if (documentId !== null) {
    throw bad('documentId is given, but no persisted documents are kept here; send {"query": "…"}')
  }
  if (query === null) throw bad('query is missing or no text; send {"query": "…"}')
  return query
}

/** Only these. White space, commas and comments in a text do not matter. */
export function persistedTexts(documents: PersistedDocuments): TextOf {
  const byId = new Map<string, string>()
  const byText = new Map<string, string>()
  for (const [id, text] of documents) {
    const hash = createHash('sha256').update(text).digest('hex')
    // As the specification of GraphQL over HTTP writes it, and as Apollo's clients do.
    for (const name of [`sha256:${hash}`, hash]) byId.set(name, text)
    byText.set(text, text)
    byText.set(stripIgnoredCharacters(text), text)
    byId.set(id, text)
  }
  // An ID goes before a hash that looks like it.
  for (const [id, text] of documents) byId.set(id, text)

  return ({ query, documentId, hash }) => {
    if (documentId !== null) {
      if (query !== null) throw bad('query and documentId are both given; send one of them')
      return byId.get(documentId) ?? refuse()
    }
    if (query === null && hash === null) {
      throw bad('documentId is missing; send {"documentId": "…"}')
    }
    const named = hash === null ? undefined : (byId.get(hash) ?? refuse())
    if (query === null) return named ?? refuse()
    const meant = byText.get(query) ?? byText.get(plain(query)) ?? refuse()
    if (named !== undefined && named !== meant) {
      throw bad('query and extensions.persistedQuery name two documents; send one of them')
    }
    return meant
  }
}

function refuse(): never {
  throw new Refusal(
    'FORBIDDEN',
    'only persisted documents are answered here, and this is none of them; send the documentId of one',
  )
}

/** What is no GraphQL, or longer than any, is the text of none. */
function plain(text: string): string {
  if (text.length > DOCUMENT_LIMITS.characters) return refuse()
  try {
    return stripIgnoredCharacters(text)
  } catch {
    return refuse()
  }
}
