// Documents are read and held against the schema once: Yoga keeps what became of one, a complaint too, for the next who
// sends it, in caches that weigh what they keep: the text and its meaning, never an answer, and nothing of who asked.
// Reading is paid for before it is done, by who sends what was not known.

import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql'
import { LRUCache } from 'lru-cache'
import { validateWithinLimits } from '../../graph/documents.ts'
import { DOCUMENT_LIMITS, parseWithinLimits } from '../../graph/limits.ts'
import { POINTS_OF_REQUEST, type Rates } from '../rates.ts'
import { type Plugin, type ServerContext, viewerOf } from '../request-context.ts'
import { compiledSize } from './execution.ts'
import { unsound } from './parameters.ts'

/** In bytes, roughly: how much may be kept of documents, and of complaints. */
const MOST_KEPT = 64_000_000
const MOST_COMPLAINTS = 4_000_000
/** What a character of a text takes when it is read, and a field when it is compiled: an estimate on the safe side. */
const BYTES_OF_CHARACTER = 200
const BYTES_OF_FIELD = 3_000

/** `caches` are for Yoga. `ours`: texts that are no client's own, which nobody pays for reading. */
export function createDocuments(schema: GraphQLSchema, rates: Rates, ours: ReadonlySet<string>) {
  const documentCache = new LRUCache<string, DocumentNode>({
    maxSize: MOST_KEPT,
    sizeCalculation: (document, { length }) =>
      500 + length * BYTES_OF_CHARACTER + compiledSize(schema, document) * BYTES_OF_FIELD,
  })
  const errorCache = new LRUCache<string, object>({
    maxSize: MOST_COMPLAINTS,
    sizeCalculation: (_, { length }) => 500 + length * 2,
  })
  const sound = new WeakSet<DocumentNode>()

  const plugin: Plugin = {
    onParse({ params, context, setParseFn }) {
      const text = String(params.source)
      const { requestContext, params: asked } = context as unknown as Context
      const known = documentCache.get(text)
      // What is known to be sound is paid for with what it asks.
      if (known === undefined || !sound.has(known)) {
        const isKnown = known !== undefined || errorCache.has(text) || ours.has(text)
        requestContext.paid = POINTS_OF_REQUEST + (isKnown ? 0 : pointsOfText(text))
        rates.charge(viewerOf(requestContext).id, requestContext.paid)
      }
      setParseFn(() => parseWithinLimits(text))
      return ({ result }) => {
        // Yoga would say so, too, in words that do not tell what to do.
        if (result instanceof Error || getOperationAST(result, asked.operationName)) return
        throw unsound(
          'query holds no such operation, or several; name one of them as operationName',
        )
      }
    },
    onValidate({ params: { documentAST }, setValidationFn }) {
      setValidationFn(() => [...validateWithinLimits(schema, documentAST)])
      return ({ valid }) => {
        if (valid) sound.add(documentAST)
      }
    },
  }
  return { plugin, caches: { documentCache, errorCache } }
}

type Context = ServerContext & { params: { operationName?: string } }

/**
 * To validate a document is to compare its fields with each other: it grows by the square. What is sent to be refused
 * costs everybody, so that it costs four times as much as an answer that takes as long.
 */
function pointsOfText({ length }: string): number {
  return length > DOCUMENT_LIMITS.characters ? 0 : Math.floor((length / 64) ** 2)
}
