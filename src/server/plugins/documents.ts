// Documents are read and held against the schema once: those that are sound are kept for the next who sends them, the
// text and its meaning, never an answer, and nothing of who asked. Reading is paid for before it is done, by who sends
// what was not known. Yoga's own cache counts documents; this one weighs them.

import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql'
import { LRUCache } from 'lru-cache'
import { yieldToEventLoop } from '../../event-loop.ts'
import { validateWithinLimits } from '../../schema/documents.ts'
import { DOCUMENT_LIMITS, parseWithinLimits } from '../../schema/limits.ts'
import { POINTS_OF_REQUEST, type Rates } from '../rates.ts'
import { type Plugin, type ServerContext, viewerOf } from '../request-context.ts'
import { compiledSize } from './execution.ts'
import { invalidParameters } from './parameters.ts'

/** In bytes, roughly: how much may be kept. */
const MOST_KEPT = 64_000_000
/** What a character of a text takes when it is read, and a field when it is compiled: an estimate on the safe side. */
const BYTES_OF_CHARACTER = 200
const BYTES_OF_FIELD = 3_000

/** `ours`: texts that are no client's own, which nobody pays for reading. */
export function useDocuments(
  schema: GraphQLSchema,
  rates: Rates,
  ours: ReadonlySet<string>,
): Plugin {
  const sound = new LRUCache<string, DocumentNode>({
    maxSize: MOST_KEPT,
    sizeCalculation: (document, { length }) =>
      500 + length * BYTES_OF_CHARACTER + compiledSize(schema, document) * BYTES_OF_FIELD,
  })
  return {
    // What is known is paid for with what it asks.
    onParams({ params: { query: text = '' }, context: { requestContext } }) {
      if (sound.has(text)) return undefined
      const { id } = viewerOf(requestContext)
      requestContext.paid = POINTS_OF_REQUEST + (ours.has(text) ? 0 : pointsOfText(text))
      rates.charge(id, requestContext.paid)
      // Nobody else is heard while a text is read and validated, so that it is one at a time.
      return yieldToEventLoop('answers', id)
    },
    onParse({ params, context, setParsedDocument, setParseFn }) {
      const text = String(params.source)
      const { params: asked } = context as unknown as Context
      const known = sound.get(text)
      if (known !== undefined) setParsedDocument(known)
      else setParseFn(() => parseWithinLimits(text))
      return ({ result }) => {
        // Yoga would say so, too, in words that do not tell what to do.
        if (result instanceof Error || getOperationAST(result, asked.operationName)) return
        throw invalidParameters(
          'query holds no such operation, or several; name one of them as operationName',
        )
      }
    },
    onValidate({ params: { documentAST }, setResult, setValidationFn }) {
      const text = documentAST.loc?.source.body ?? ''
      if (sound.peek(text) === documentAST) return setResult([])
      setValidationFn(() => [...validateWithinLimits(schema, documentAST)])
      return ({ valid }) => {
        if (valid) sound.set(text, documentAST)
      }
    },
  }
}

type Context = ServerContext & { params: { operationName?: string } }

/**
 * To validate a document is to compare its fields with each other: it grows by the square. What is sent to be refused
 * costs everybody, so that it costs four times as much as an answer that takes as long.
 */
function pointsOfText({ length }: string): number {
  return length > DOCUMENT_LIMITS.characters ? 0 : Math.floor((length / 64) ** 2)
}
