// Where in an answer execution is (execute.ts), and what a resolver may know of it. Both are made by the thousand,
// so of as little as will do; `declare`, as fields are made twice otherwise.

import type {
  FieldNode,
  GraphQLObjectType,
  GraphQLResolveInfo,
  OperationDefinitionNode,
} from 'graphql'
import type { FieldPlan, Plan, Shape, Variables } from './plan.ts'

/** An object of the answer, or a list in it. */
export type Container = Record<string | number, unknown>

/** An object or a list of the answer, and the way to it. */
export class Path {
  declare readonly prev: Path | undefined
  declare readonly key: string | number
  declare readonly field: FieldPlan
  declare readonly shape: Shape
  /** What it stands in. */
  declare readonly container: Container
  /** Whether null stands in its place, so that nothing in it matters. */
  declare dead: boolean

  constructor(
    prev: Path | undefined,
    key: string | number,
    field: FieldPlan,
    shape: Shape,
    container: Container,
  ) {
    this.prev = prev
    this.key = key
    this.field = field
    this.shape = shape
    this.container = container
    this.dead = false
  }

  /** Of an item in a list, none. */
  get typename(): string | undefined {
    return typeof this.key === 'string' ? this.field.parent.name : undefined
  }
}

export function keysTo(path: Path | undefined, key: string | number): (string | number)[] {
  const keys = [key]
  for (let at = path; at !== undefined; at = at.prev) keys.push(at.key)
  return keys.reverse()
}

/** What all fields of one execution have in common. */
export interface Asked {
  readonly plan: Plan
  readonly variables: Variables
}

/** `GraphQLResolveInfo` for one field of one object. */
export class Info implements GraphQLResolveInfo {
  declare private readonly asked: Asked
  declare private readonly field: FieldPlan
  declare private readonly around: Path | undefined

  constructor(asked: Asked, field: FieldPlan, around: Path | undefined) {
    this.asked = asked
    this.field = field
    this.around = around
  }

  get fieldName(): string {
    return this.field.field.name
  }
  get fieldNodes(): readonly FieldNode[] {
    return this.field.nodes
  }
  get returnType(): GraphQLResolveInfo['returnType'] {
    return this.field.field.type
  }
  get parentType(): GraphQLObjectType {
    return this.field.parent
  }
  get path(): GraphQLResolveInfo['path'] {
    return { prev: this.around, key: this.field.key, typename: this.field.parent.name }
  }
  get schema(): GraphQLResolveInfo['schema'] {
    return this.asked.plan.schema
  }
  get fragments(): GraphQLResolveInfo['fragments'] {
    return this.asked.plan.fragments
  }
  get rootValue(): undefined {
    return undefined
  }
  get operation(): OperationDefinitionNode {
    return this.asked.plan.operation
  }
  get variableValues(): GraphQLResolveInfo['variableValues'] {
    return this.asked.variables
  }
}
