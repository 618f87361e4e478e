// How much one document may ask, as far as its text tells; what depends on variables is in cost.ts. Counted before
// it is validated, as validation itself can be made slow, and through fragments: each time one is spread, all that is
// in it counts again.

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
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
  /** As `depth`, of what is asked of the schema itself. */
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
  const sizes = new Sizes(document)
  for (const operation of operations) {
    const size = sizes.ofOperation(operation)
    check('depth', size.depth, DOCUMENT_LIMITS.depth)
    check('depth of introspection', size.introspectionDepth, DOCUMENT_LIMITS.introspectionDepth)
    check('root fields', size.rootFields, DOCUMENT_LIMITS.rootFields)
    check('aliases', size.aliases, DOCUMENT_LIMITS.aliases)
    check('directives', size.directives, DOCUMENT_LIMITS.directives)
  }
  // Also what no operation spreads is validated.
  for (const fragment of sizes.fragments.values()) {
    const size = sizes.ofFragment(fragment)
    // It may be one about the schema itself, which only the place where it is spread tells.
    check('depth', size.depth, DOCUMENT_LIMITS.introspectionDepth)
    check('aliases', size.aliases, DOCUMENT_LIMITS.aliases)
    check('directives', size.directives, DOCUMENT_LIMITS.directives)
  }
  return document
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

interface Size {
  readonly depth: number
  readonly introspectionDepth: number
  readonly rootFields: number
  readonly aliases: number
  readonly directives: number
}

const NOTHING: Size = { depth: 0, introspectionDepth: 0, rootFields: 0, aliases: 0, directives: 0 }

class Sizes {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** A fragment that is being counted counts as nothing: one that spreads itself is refused by validation. */
  readonly #known = new Map<string, Size>()

  constructor(document: DocumentNode) {
    this.fragments = new Map(
      document.definitions
        .filter(node => node.kind === Kind.FRAGMENT_DEFINITION)
        .map(node => [node.name.value, node]),
    )
  }

  ofOperation({ selectionSet, directives, variableDefinitions }: OperationDefinitionNode): Size {
    const size = this.#of(selectionSet)
    const own = (variableDefinitions ?? []).reduce(
      (sum, variable) => sum + (variable.directives?.length ?? 0),
      directives?.length ?? 0,
    )
    return { ...size, directives: size.directives + own }
  }

  ofFragment({ name, selectionSet, directives }: FragmentDefinitionNode): Size {
    const known = this.#known.get(name.value)
    if (known !== undefined) return known
    this.#known.set(name.value, NOTHING)
    const size = this.#of(selectionSet)
    const whole = { ...size, directives: size.directives + (directives?.length ?? 0) }
    this.#known.set(name.value, whole)
    return whole
  }

  #of(set: SelectionSetNode | undefined): Size {
    let { depth, introspectionDepth, rootFields, aliases, directives } = NOTHING
    for (const node of set?.selections ?? []) {
      directives += node.directives?.length ?? 0
      let inside = NOTHING
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = this.fragments.get(node.name.value)
        if (fragment !== undefined) inside = this.ofFragment(fragment)
      } else {
        inside = this.#of(node.selectionSet)
      }
      aliases += inside.aliases
      directives += inside.directives
      if (node.kind === Kind.FIELD) {
        rootFields++
        if (node.alias !== undefined) {
          const { length } = node.alias.value
          check('characters of an alias', length, DOCUMENT_LIMITS.aliasCharacters)
          aliases++
        }
        const asksSchema = node.name.value === '__schema' || node.name.value === '__type'
        const [plain, introspection] = asksSchema
          ? [0, Math.max(inside.depth, inside.introspectionDepth) + 1]
          : [inside.depth + 1, inside.introspectionDepth && inside.introspectionDepth + 1]
        depth = Math.max(depth, plain)
        introspectionDepth = Math.max(introspectionDepth, introspection)
      } else {
        rootFields += inside.rootFields
        depth = Math.max(depth, inside.depth)
        introspectionDepth = Math.max(introspectionDepth, inside.introspectionDepth)
      }
    }
    return { depth, introspectionDepth, rootFields, aliases, directives }
  }
}
