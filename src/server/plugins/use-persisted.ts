// Finds the text of a request's document: the text itself; an earlier one by its hash (automatic persisted queries);
// or, if only persisted documents are allowed, one of those by an ID, its hash or its text. All others are refused with
// the same message. Yoga's own plugin for persisted operations refuses every text, but many clients can send nothing
// else.

import { createHash } from 'node:crypto'
import { stripIgnoredCharacters } from 'graphql'
import { LRUCache } from 'lru-cache'
import { DOCUMENT_LIMITS } from '../../schema/limits.ts'
import type { PersistedDocuments } from '../../schema/persisted.ts'
import { HttpError } from '../http-error.ts'
import type { Plugin } from '../request-context.ts'
import { invalidParameters, type Parameters } from './use-parameters.ts'

type TextOf = (given: Parameters) => string

export function usePersisted(documents: PersistedDocuments | null): Plugin {
  const textOf = documents === null ? anyText() : persistedTexts(documents)
  return {
    onParams({ params, setParams }) {
      const { documentId, ...rest } = params as Parameters
      setParams({ ...rest, query: textOf(params as Parameters) } as typeof params)
    },
  }
}

/** The SHA-256 of a document, or its ID, as Apollo's clients send it. */
function hashIn({ extensions }: Parameters): string | undefined {
  const { sha256Hash } = Object(extensions?.persistedQuery) as { sha256Hash?: unknown }
  return typeof sha256Hash === 'string' ? sha256Hash : undefined
}

/** The maximum number of characters of all texts that are kept by their hashes. */
const MAX_KEPT = 4_000_000

function anyText(): TextOf {
  const byHash = new LRUCache<string, string>({
    maxSize: MAX_KEPT,
    sizeCalculation: text => text.length + 200,
  })
  return given => {
    const { query, documentId } = given
    const hash = hashIn(given)
    if (documentId !== undefined) {
      throw invalidParameters(
        'documentId cannot be used, as this server has no persisted documents; send {"query": "…"}',
      )
    }
    if (hash === undefined) {
      if (query === undefined) throw invalidParameters('query is missing; send {"query": "…"}')
      return query
    }
    if (query === undefined) return byHash.get(hash) ?? notFound()
    if (sha256(query) !== hash) {
      throw invalidParameters(
        'extensions.persistedQuery.sha256Hash is not the SHA-256 hash of query',
      )
    }
    if (query.length <= DOCUMENT_LIMITS.characters) byHash.set(hash, query)
    return query
  }
}

/** This message and code tell clients to send the text, too. */
function notFound(): never {
  throw new HttpError(200, 'PersistedQueryNotFound', { code: 'PERSISTED_QUERY_NOT_FOUND' })
}

/** Only these documents. White space, commas and comments in a text do not matter. */
function persistedTexts(documents: PersistedDocuments): TextOf {
  const byId = new Map<string, string>()
  const byText = new Map<string, string>()
  for (const text of documents.values()) {
    const hash = sha256(text)
    // The forms defined by GraphQL over HTTP and by Apollo's clients.
    for (const name of [`sha256:${hash}`, hash]) byId.set(name, text)
    byText.set(text, text)
    byText.set(stripIgnoredCharacters(text), text)
  }
  // An ID takes precedence over an equal hash.
  for (const [id, text] of documents) byId.set(id, text)

  return given => {
    const { query, documentId } = given
    const hash = hashIn(given)
    if (documentId !== undefined) {
      if (query !== undefined)
        throw invalidParameters('query and documentId were both sent; send one of them')
      return byId.get(documentId) ?? refuse()
    }
    if (query === undefined && hash === undefined) {
      throw invalidParameters('documentId is missing; send {"documentId": "…"}')
    }
    const named = hash === undefined ? undefined : (byId.get(hash) ?? refuse())
    if (query === undefined) return named ?? refuse()
    const text = byText.get(query) ?? byText.get(stripped(query)) ?? refuse()
    if (named !== undefined && named !== text) {
      throw invalidParameters(
        'query and extensions.persistedQuery are different documents; send one of them',
      )
    }
    return text
  }
}

function refuse(): never {
  throw new HttpError(
    403,
    'only persisted documents are accepted, and this document is not one of them; send the documentId of one',
    { denied: { reason: 'not_persisted' } },
  )
}

/** Without ignored characters. A text that is too long or not valid GraphQL is refused. */
function stripped(text: string): string {
  if (text.length > DOCUMENT_LIMITS.characters) return refuse()
  try {
    return stripIgnoredCharacters(text)
  } catch {
    return refuse()
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
