// Limits of a document that do not depend on variables; for those that do see cost.ts. They are checked before
// validation, which itself can be made slow. A fragment counts each time it is spread.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql'

/** Per document; depth, fields and so on per operation. */
export const DOCUMENT_LIMITS = {
  /** UTF-16 units. */
  characters: 16_384,
  /** Tokens of GraphQL's lexer. */
  tokens: 2_000,
  operations: 20,
  depth: 12,
  /** The depth of introspection fields, which do not count for `depth`. */
  introspectionDepth: 15,
  rootFields: 10,
  aliases: 30,
  /** Characters of an alias, which the response and its errors repeat. */
  aliasCharacters: 100,
  directives: 8,
} as const

/** Errors reported per document or its variables. */
export const MOST_ERRORS = 5

/** Throws a `GraphQLError` for invalid syntax and exceeded limits. */
export function parseWithinLimits(text: string): DocumentNode {
  if (text.length > DOCUMENT_LIMITS.characters) {
    throw exceeded('characters of query', text.length, DOCUMENT_LIMITS.characters)
  }
  const document = parsed(text)
  const operations = document.definitions.filter(node => node.kind === Kind.OPERATION_DEFINITION)
  check('operations', operations.length, DOCUMENT_LIMITS.operations)
  const fragments = fragmentsIn(document)
  const sizeOf = sizesWith(fragments)
  // Fragments that no operation spreads are validated, too.
  for (const node of [...operations, ...fragments.values()]) {
    const { depth, rootFields, aliases, directives } = sizeOf(node)
    const isOperation = node.kind === Kind.OPERATION_DEFINITION
    // Whether a fragment is about introspection depends on where it is spread, so the larger depth applies.
    check('depth', depth, DOCUMENT_LIMITS[isOperation ? 'depth' : 'introspectionDepth'])
    if (isOperation) check('root fields', rootFields, DOCUMENT_LIMITS.rootFields)
    check('aliases', aliases, DOCUMENT_LIMITS.aliases)
    check('directives', directives, DOCUMENT_LIMITS.directives)
  }
  return document
}

/** Two of GraphQL's own validation errors are about limits. */
const GRAPHQL_LIMITS: Readonly<Record<string, string>> = {
  'Validation aborted.':
    'repeated fields: too many to compare with each other; select each field once',
  'Maximum introspection depth exceeded':
    'depth of introspection: lists of the schema are nested more than 3 levels deep; ask for less at once',
}

export function validateWithinLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
): readonly GraphQLError[] {
  return validate(schema, document, undefined, { maxErrors: MOST_ERRORS }).map(error => {
    const limit = GRAPHQL_LIMITS[error.message]
    return limit === undefined ? error : overLimit(limit)
  })
}

export function fragmentsIn(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter(node => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map(node => [node.name.value, node]))
}

/** The message names the limit and both values. */
export function exceeded(limit: string, value: number, most: number): GraphQLError {
  return overLimit(`${limit}: ${shown(value)} is more than ${shown(most)}; ask for less at once`)
}

function overLimit(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' } })
}

function check(limit: string, value: number, most: number): void {
  if (value > most) throw exceeded(limit, value, most)
}

/** Nested fragments make very large numbers. */
function shown(number: number): string {
  return number > 1e9 ? 'over 1,000,000,000' : number.toLocaleString('en')
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: DOCUMENT_LIMITS.tokens })
  } catch (error) {
    if (error instanceof GraphQLError && /contains more tha[nt] \d+ tokens/.test(error.message)) {
      throw overLimit(`tokens: more than ${shown(DOCUMENT_LIMITS.tokens)}; ask for less at once`)
    }
    throw error
  }
}

const NOTHING = { depth: 0, rootFields: 0, aliases: 0, directives: 0 }

type Size = Readonly<typeof NOTHING>

/** The size of a selection, fragments included. */
function sizesWith(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  /** Zero for a fragment that spreads itself, which validation refuses. */
  const known = new Map<Selecting, Size>()

  return function sizeOf(selecting: Selecting | undefined): Size {
    const before = selecting === undefined ? NOTHING : known.get(selecting)
    if (selecting === undefined || before !== undefined) return before ?? NOTHING
    known.set(selecting, NOTHING)
    const size = { ...NOTHING, directives: directivesOf(selecting) }
    for (const node of selecting.selectionSet?.selections ?? []) {
      const isSpread = node.kind === Kind.FRAGMENT_SPREAD
      const inside = sizeOf(isSpread ? fragments.get(node.name.value) : node)
      const field = node.kind === Kind.FIELD ? sizeOfField(node, inside) : inside
      size.depth = Math.max(size.depth, field.depth)
      size.rootFields += field.rootFields
      size.aliases += field.aliases
      size.directives += field.directives + (isSpread ? directivesOf(node) : 0)
    }
    known.set(selecting, size)
    return size
  }
}

type Selecting = OperationDefinitionNode | FragmentDefinitionNode | FieldNode | InlineFragmentNode

function sizeOfField({ alias, name }: FieldNode, inside: Size): Size {
  if (alias !== undefined) {
    check('characters of an alias', alias.value.length, DOCUMENT_LIMITS.aliasCharacters)
  }
  const depth = inside.depth + 1
  const asksSchema = name.value === '__schema' || name.value === '__type'
  if (asksSchema) check('depth of introspection', depth, DOCUMENT_LIMITS.introspectionDepth)
  const aliases = inside.aliases + (alias === undefined ? 0 : 1)
  return { ...inside, depth: asksSchema ? 1 : depth, rootFields: 1, aliases }
}

function directivesOf(node: Selecting | FragmentSpreadNode): number {
  const variables = 'variableDefinitions' in node ? (node.variableDefinitions ?? []) : []
  return [node, ...variables].reduce((sum, { directives }) => sum + (directives?.length ?? 0), 0)
}
