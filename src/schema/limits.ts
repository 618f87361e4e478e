// How much one document may ask, as far as its text tells; what depends on variables is in cost.ts. Counted before
// it is validated, as validation itself can be made slow, and through fragments: each time one is spread, all that is
// in it counts again.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql'

/** Of one document; where several operations are in it, each may be so large. */
export const DOCUMENT_LIMITS = {
  /** Of the text, in UTF-16 units. */
  characters: 16_384,
  /** Names, numbers, texts and punctuation marks. */
  tokens: 2_000,
  operations: 20,
  /** Fields within fields. */
  depth: 12,
  /** As `depth`, of a question to the schema itself, which does not count there. */
  introspectionDepth: 15,
  rootFields: 10,
  aliases: 30,
  /** Of an alias, as it stands in the answer and in its errors. */
  aliasCharacters: 100,
  directives: 8,
} as const

/** Errors told of one document or of its variables; more say nothing new. */
export const MOST_ERRORS = 5

/** Throws a GraphQLError for what is no GraphQL, or more than anyone needs to ask at once. */
export function parseWithinLimits(text: string): DocumentNode {
  if (text.length > DOCUMENT_LIMITS.characters) {
    throw exceeded('characters of query', text.length, DOCUMENT_LIMITS.characters)
  }
  const document = parsed(text)
  const operations = document.definitions.filter(node => node.kind === Kind.OPERATION_DEFINITION)
  check('operations', operations.length, DOCUMENT_LIMITS.operations)
  const fragments = fragmentsIn(document)
  const sizeOf = sizesWith(fragments)
  // Also what no operation spreads is validated.
  for (const node of [...operations, ...fragments.values()]) {
    const { depth, rootFields, aliases, directives } = sizeOf(node)
    const isOperation = node.kind === Kind.OPERATION_DEFINITION
    // A fragment may be one about the schema itself, which only the place where it is spread tells.
    check('depth', depth, DOCUMENT_LIMITS[isOperation ? 'depth' : 'introspectionDepth'])
    if (isOperation) check('root fields', rootFields, DOCUMENT_LIMITS.rootFields)
    check('aliases', aliases, DOCUMENT_LIMITS.aliases)
    check('directives', directives, DOCUMENT_LIMITS.directives)
  }
  return document
}

export function fragmentsIn(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter(node => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map(node => [node.name.value, node]))
}

/** One code for all limits; the message names the limit and both values. */
export function exceeded(limit: string, asked: number, most: number): GraphQLError {
  return new GraphQLError(
    `${limit}: ${shown(asked)} is more than ${shown(most)}; ask for less at once`,
    { extensions: { code: 'LIMIT_EXCEEDED' } },
  )
}

function check(limit: string, asked: number, most: number): void {
  if (asked > most) throw exceeded(limit, asked, most)
}

/** Fragments in fragments make numbers that nobody wants to read. */
function shown(number: number): string {
  return number > 1e9 ? 'over 1,000,000,000' : number.toLocaleString('en')
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: DOCUMENT_LIMITS.tokens })
  } catch (error) {
    if (error instanceof GraphQLError && /contains more tha[nt] \d+ tokens/.test(error.message)) {
      throw new GraphQLError(
        `tokens: there are more than ${shown(DOCUMENT_LIMITS.tokens)}; ask for less at once`,
        { extensions: { code: 'LIMIT_EXCEEDED' } },
      )
    }
    throw error
  }
}

const NOTHING = { depth: 0, rootFields: 0, aliases: 0, directives: 0 }

type Size = Readonly<typeof NOTHING>

/** How much is in what has a selection; what is in a fragment, wherever it is spread. */
function sizesWith(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  /** A fragment that is being counted counts as nothing: one that spreads itself is refused by validation. */
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
