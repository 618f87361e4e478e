// Documents are read and held against the schema once; what became of one, a complaint too, is kept for the next who
// sends it: the text and its meaning, never an answer, and nothing of who asked. Reading is paid for before it is done,
// by who sends what was not known. Yoga's own cache counts documents; this one weighs them.

import { type DocumentNode, type GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql'
import { LRUCache } from 'lru-cache'
import { validateWithinLimits } from '../../graph/documents.ts'
import { DOCUMENT_LIMITS, parseWithinLimits } from '../../graph/limits.ts'
import { POINTS_OF_REQUEST, type Rates } from '../rates.ts'
import { type Plugin, type ServerContext, viewerOf } from '../request-context.ts'
import { compiledSize } from './execution.ts'
import { unsound } from './parameters.ts'

interface Known {
  readonly document: DocumentNode | null
  /** What was wrong with the text; otherwise what the schema says of it, once it was asked. */
  errors: readonly GraphQLError[] | null
}

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
  const kept = new LRUCache<string, Known>({ maxSize: MOST_KEPT })
  const byDocument = new WeakMap<DocumentNode, Known>()

  function read(text: string): Known {
    let known: Known
    try {
      const document = parseWithinLimits(text)
      known = { document, errors: null }
      byDocument.set(document, known)
    } catch (error) {
      known = { document: null, errors: [error as GraphQLError] }
    }
    if (text.length <= DOCUMENT_LIMITS.characters) {
      const fields = known.document === null ? 0 : compiledSize(schema, known.document)
      const size = 500 + text.length * BYTES_OF_CHARACTER + fields * BYTES_OF_FIELD
      kept.set(text, known, { size })
    }
    return known
  }

  return {
    onParse({ params, context, setParsedDocument, setParseFn }) {
      const text = String(params.source)
      const { requestContext, params: asked } = context as unknown as Context
      const known = kept.get(text)
      // What is known to be sound is paid for with what it asks.
      if (known?.errors?.length !== 0) {
        const reading = known === undefined && !ours.has(text) ? pointsOfText(text) : 0
        requestContext.paid = POINTS_OF_REQUEST + reading
        rates.charge(viewerOf(requestContext).id, requestContext.paid)
      }
      const take = ({ document, errors }: Known): DocumentNode => {
        if (document === null) throw errors?.[0]
        // Yoga would say so, too, in words that do not tell what to do.
        if (getOperationAST(document, asked.operationName) == null) {
          throw unsound(
            'query holds no such operation, or several; name one of them as operationName',
          )
        }
        return document
      }
      if (known === undefined) setParseFn(() => take(read(text)))
      else setParsedDocument(take(known))
    },
    onValidate({ params: { documentAST }, setResult, setValidationFn }) {
      const known = byDocument.get(documentAST)
      if (known?.errors) return setResult([...known.errors])
      setValidationFn(() => {
        const errors = validateWithinLimits(schema, documentAST)
        if (known !== undefined) known.errors = errors
        return [...errors]
      })
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
