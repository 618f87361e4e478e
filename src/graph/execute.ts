// Answers a plan, by GraphQL's rules for values, nulls and errors. What is known at once is answered without a
// promise; what is not goes to its place when it is there (waits.ts).

import {
  type ExecutionResult,
  type FieldNode,
  type GraphQLError,
  GraphQLObjectType,
  getArgumentValues,
  locatedError,
} from 'graphql'
import type { Awaitable } from '../store.ts'
import { type Container, Info, keysTo, Path } from './info.ts'
import { Later } from './later.ts'
import {
  type FieldPlan,
  objectShape,
  type Plan,
  type Selection,
  type Shape,
  type Variables,
} from './plan.ts'
import { type Outcome, Waits } from './waits.ts'

export type Result = ExecutionResult<Record<string, unknown>>

/** `variables` as they were coerced for the plan's operation. Never throws or rejects. */
export function execute(plan: Plan, context: unknown, variables: Variables): Awaitable<Result> {
  return new Execution(plan, context, variables).run()
}

/** A place in the answer that is to be filled. */
interface Place {
  readonly container: Container
  readonly key: string | number
  readonly path: Path | undefined
  readonly field: FieldPlan
  readonly shape: Shape
}

class Execution {
  readonly plan: Plan
  readonly variables: Variables
  readonly #context: unknown
  readonly #errors: GraphQLError[] = []
  #data: Container | null = null
  #dead = false
  readonly #waits = new Waits<Place>((place, outcome) => this.#settle(place, outcome))

  constructor(plan: Plan, context: unknown, variables: Variables) {
    this.plan = plan
    this.variables = variables
    this.#context = context
  }

  run(): Awaitable<Result> {
    try {
      this.#data = this.#answer(this.plan.root, undefined, undefined)
    } catch (error) {
      this.#errors.push(error as GraphQLError)
      this.#dead = true
    }
    const settled = this.#waits.settleAll()
    return settled === undefined ? this.#result() : settled.then(() => this.#result())
  }

  #result(): Result {
    const data = this.#data
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data }
  }

  /** Throws only what makes the whole object null. */
  #answer(selection: Selection, source: unknown, path: Path | undefined): Container {
    const answer: Container = selection.bare ? Object.create(null) : {}
    for (const field of selection.fields) {
      const { key, copies, verbatim } = field
      if (field.constant !== null) {
        answer[key] = field.constant
        continue
      }
      let value: unknown
      try {
        value =
          copies === null
            ? this.#resolve(field, source, path)
            : (source as Record<string, unknown>)[copies]
      } catch (error) {
        this.#fail(answer, key, path, field, field.shape, error)
        continue
      }
      // Most of all values, so they take the shortest way.
      if (verbatim && typeof value === 'string') answer[key] = value
      else this.#put(answer, key, path, field, field.shape, value)
    }
    return answer
  }

  #resolve(field: FieldPlan, source: unknown, path: Path | undefined): unknown {
    const args =
      field.args ?? getArgumentValues(field.field, field.nodes[0] as FieldNode, this.variables)
    return field.resolve(source, args, this.#context, new Info(this, field, path))
  }

  /** The answer made of a value goes to its place, now or when the value is there. */
  #put(
    container: Container,
    key: string | number,
    path: Path | undefined,
    field: FieldPlan,
    shape: Shape,
    value: unknown,
  ): void {
    try {
      if (value == null) {
        if (shape.required) throw missing(field)
        container[key] = null
      } else if (typeof value === 'object' && isPromised(value)) {
        // Keeps the place in the order.
        container[key] = undefined
        this.#waits.add({ container, key, path, field, shape }, value)
      } else if (value instanceof Error) {
        throw value
      } else if (shape.kind === 'leaf') {
        const serialized = shape.type.serialize(value)
        if (serialized == null) throw unserializable(shape.type.name, value)
        container[key] = serialized
      } else {
        const own = new Path(path, key, field, shape, container)
        try {
          container[key] = this.#complete(own, field, shape, value)
        } catch (error) {
          own.dead = true
          throw error
        }
      }
    } catch (error) {
      this.#fail(container, key, path, field, shape, error)
    }
  }

  #complete(path: Path, field: FieldPlan, shape: Shape, value: unknown): unknown {
    switch (shape.kind) {
      case 'object':
        return this.#answer(this.plan.selectionOf(shape, field), value, path)
      case 'abstract': {
        const object = this.#objectIn(shape, field, value, path)
        return this.#answer(this.plan.selectionOf(object, field), value, path)
      }
      case 'list': {
        const items = itemsOf(field, value)
        const list: unknown[] = new Array(items.length)
        for (let at = 0; at < items.length; at++) {
          this.#put(list as unknown as Container, at, path, field, shape.item, items[at])
        }
        return list
      }
      default:
        throw new TypeError(`${field.field.name} has no shape`)
    }
  }

  #objectIn(
    shape: Shape & { kind: 'abstract' },
    field: FieldPlan,
    value: unknown,
    path: Path,
  ): Shape & { kind: 'object' } {
    const info = new Info(this, field, path.prev)
    const name = shape.typeOf(value, this.#context, info, shape.type)
    const known = shape.found.get(name as string)
    if (known !== undefined) return known
    const { schema } = this.plan
    const type = typeof name === 'string' ? schema.getType(name) : undefined
    if (!(type instanceof GraphQLObjectType) || !isAmong(this.plan, shape.type.name, type)) {
      throw new TypeError(
        `Abstract type "${shape.type.name}" must resolve to one of its Object types at runtime for field "${field.parent.name}.${field.field.name}", not to ${String(name)}.`,
      )
    }
    const object = objectShape(type, shape.required)
    shape.found.set(type.name, object)
    return object
  }

  /** Null goes to the place; where it may not, throws. */
  #fail(
    container: Container,
    key: string | number,
    path: Path | undefined,
    { nodes }: FieldPlan,
    { required }: Shape,
    error: unknown,
  ): void {
    const located = locatedError(error, nodes, keysTo(path, key))
    if (required) throw located
    container[key] = null
    this.#errors.push(located)
  }

  /** What had to wait goes to its place, unless null stands around it by now. */
  #settle(place: Place, outcome: Outcome): void {
    const { container, key, path, field, shape } = place
    if (this.#dead) return
    for (let at = path; at !== undefined; at = at.prev) if (at.dead) return
    try {
      let value: unknown
      try {
        value = outcome.take()
      } catch (error) {
        this.#fail(container, key, path, field, shape, error)
        return
      }
      if (field.verbatim && typeof value === 'string') container[key] = value
      else this.#put(container, key, path, field, shape, value)
    } catch (error) {
      this.#errors.push(error as GraphQLError)
      this.#nullify(path)
    }
  }

  /** Null goes to the nearest place around that may be null. */
  #nullify(path: Path | undefined): void {
    for (let at = path; at !== undefined; at = at.prev) {
      at.dead = true
      if (at.shape.required) continue
      at.container[at.key] = null
      return
    }
    this.#dead = true
    this.#data = null
  }
}

function isPromised(value: object): value is PromiseLike<unknown> {
  return value instanceof Later || typeof (value as Later<unknown>).then === 'function'
}

function isAmong({ schema }: Plan, name: string, type: GraphQLObjectType): boolean {
  const abstract = schema.getType(name)
  return abstract !== undefined && 'resolveType' in abstract && schema.isSubType(abstract, type)
}

function itemsOf({ parent, field }: FieldPlan, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) {
    return [...(value as Iterable<unknown>)]
  }
  throw new TypeError(
    `Expected Iterable, but did not find one for field "${parent.name}.${field.name}".`,
  )
}

function missing({ parent, field }: FieldPlan): Error {
  return new Error(`Cannot return null for non-nullable field ${parent.name}.${field.name}.`)
}

function unserializable(type: string, value: unknown): Error {
  return new Error(`${type} cannot say ${String(value)}.`)
}
