// Computes the cost of an operation before anything is read, and charges it to the viewer. Refuses operations that cost
// too much, and those for which the viewer currently has not enough points.

import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
} from 'graphql'
import { MOST_POINTS, pointsOf } from '../../schema/cost.ts'
import { exceeded, MOST_ERRORS } from '../../schema/limits.ts'
import { HttpError } from '../http-error.ts'
import { isOverloaded } from '../overload.ts'
import { POINTS_OF_REQUEST, type Rates } from '../rates.ts'
import { operationNamed, type Plugin, type ServerContext, viewerOf } from '../request-context.ts'

interface BeforeExecution {
  readonly args: ExecutionArgs
  setResultAndStopExecution(result: ExecutionResult): void
}

export function useCost(schema: GraphQLSchema, rates: Rates): Plugin {
  function charge({ args, setResultAndStopExecution: refuse }: BeforeExecution) {
    const { document, operationName, variableValues, contextValue } = args
    const { requestContext } = contextValue as ServerContext
    const operation = getOperationAST(document, operationName)
    const viewer = viewerOf(requestContext)
    if (operation == null) throw new Error('operation not found')
    requestContext.operation = operationNamed(operation.operation, operation.name?.value)
    const { coerced, errors } = getVariableValues(
      schema,
      operation.variableDefinitions ?? [],
      variableValues ?? {},
      { maxErrors: MOST_ERRORS },
    )
    if (coerced === undefined) return refuse({ errors })
    const { length } = viewer.memberships
    const points = pointsOf(schema, document, operation, coerced, length)
    const { paid } = requestContext
    const request = paid === 0 ? POINTS_OF_REQUEST : 0
    const isTooMuch = points > MOST_POINTS
    rates.charge(viewer.id, isTooMuch ? request : request + points, paid)
    if (isTooMuch) return refuse({ errors: [exceeded('cost', points, MOST_POINTS)] })
    requestContext.points = points
  }

  return {
    // Under load, viewers who requested much are refused, so that others are served.
    onRequestParse({ serverContext: { requestContext } }) {
      if (!isOverloaded() || !rates.isLow(viewerOf(requestContext).id)) return
      throw new HttpError(503, 'the server is overloaded; try again in 1 s', { retryAfter: 1 })
    },
    onExecute: charge,
    onSubscribe: charge,
  }
}
