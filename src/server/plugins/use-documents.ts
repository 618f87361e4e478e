// Parses and validates each document once, and caches valid ones with their text for all viewers. The cache contains no
// results and no data of a viewer. Parsing is charged in advance to the sender of a new document. Yoga's own cache is
// limited by the number of documents; this one by their size.

import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql'
import { LRUCache } from 'lru-cache'
import { yieldToEventLoop } from '../../event-loop.ts'
import { DOCUMENT_LIMITS, parseWithinLimits, validateWithinLimits } from '../../schema/limits.ts'
import { POINTS_OF_REQUEST, type Rates } from '../rates.ts'
import { type Plugin, type ServerContext, viewerOf } from '../request-context.ts'
import { compiledSize } from './use-execution.ts'
import { invalidParameters } from './use-parameters.ts'

/** Bytes, estimated. */
const MAX_CACHE_SIZE = 64_000_000
/** Per character of a parsed text, and per field of a compiled operation: deliberately high estimates. */
const BYTES_PER_CHARACTER = 200
const BYTES_PER_FIELD = 3_000

/** `free`: texts whose parsing is not charged. */
export function useDocuments(
  schema: GraphQLSchema,
  rates: Rates,
  free: ReadonlySet<string>,
): Plugin {
  const valid = new LRUCache<string, DocumentNode>({
    maxSize: MAX_CACHE_SIZE,
    sizeCalculation: (document, { length }) =>
      500 + length * BYTES_PER_CHARACTER + compiledSize(schema, document) * BYTES_PER_FIELD,
  })
  return {
    onParams({ params: { query: text = '' }, context: { requestContext } }) {
      if (valid.has(text)) return undefined
      const { id } = viewerOf(requestContext)
      requestContext.paid = POINTS_OF_REQUEST + (free.has(text) ? 0 : pointsOfText(text))
      rates.charge(id, requestContext.paid)
      // Parsing and validating block the event loop, so others get a turn between two texts.
      return yieldToEventLoop('answers', id)
    },
    onParse({ params, context, setParsedDocument, setParseFn }) {
      const text = String(params.source)
      const { operationName } = (context as unknown as Context).params
      const cached = valid.get(text)
      if (cached !== undefined) setParsedDocument(cached)
      else setParseFn(() => parseWithinLimits(text))
      return ({ result }) => {
        // Yoga's own message does not say what to do.
        if (result instanceof Error || getOperationAST(result, operationName)) return
        throw invalidParameters(
          'query has no operation with this name, or several operations; set operationName to one of them',
        )
      }
    },
    onValidate({ params: { documentAST }, setResult, setValidationFn }) {
      const text = documentAST.loc?.source.body ?? ''
      if (valid.peek(text) === documentAST) return setResult([])
      setValidationFn(() => [...validateWithinLimits(schema, documentAST)])
      return ({ valid: isValid }) => {
        if (isValid) valid.set(text, documentAST)
      }
    },
  }
}

type Context = ServerContext & { params: { operationName?: string } }

/**
 * The time to validate a document grows with the square of its length, because its fields are compared with each other.
 * It is charged fourfold, so that documents sent only to be refused do not slow down others.
 */
function pointsOfText({ length }: string): number {
  return length > DOCUMENT_LIMITS.characters ? 0 : Math.floor((length / 64) ** 2)
}
