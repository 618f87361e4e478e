// OpenTelemetry traces: a span for each request, in the trace of a traceparent header, with a span for each phase and
// each statement. Loaded only if a collector is configured. The only client input in spans is the name of the
// operation; statements contain no values.

import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { Plugin } from '../request-context.ts'

export type Tracing = ReturnType<typeof createTracing>

/** Uses the global provider, propagator and context manager of the API. */
export function createTracing(database: 'sqlite' | 'postgresql') {
  const tracer = trace.getTracer('iam-logs-gateway')
  const getter = {
    get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
    keys: () => [],
  }
  const phase = (name: string) => (_: unknown, work: () => unknown) =>
    tracer.startActiveSpan(`graphql.${name}`, span => endAfter(span, work))

  return {
    /** Must be the first plugin. */
    plugin: {
      instrumentation: {
        request({ request }, work) {
          const around = propagation.extract(ROOT_CONTEXT, request.headers, getter)
          const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, around)
          return context.with(trace.setSpan(around, span), work)
        },
        parse: phase('parse'),
        validate: phase('validate'),
        execute: phase('execute'),
      } as NonNullable<Plugin['instrumentation']>,
      // The span does not cover what a stream does later.
      onResponse({ response: { status }, serverContext: { requestContext: context } }) {
        const span = trace.getActiveSpan()
        if (span === undefined) return
        const { method, path, requestId, operation, codes } = context
        context.traceId = span.spanContext().traceId
        span.updateName(`${method} ${path}`)
        span.setAttributes({
          'http.request.method': method,
          'http.route': path,
          'iam_logs.request_id': requestId,
          'http.response.status_code': status,
        })
        if (operation !== null) {
          const [type = '', name] = operation.split(' ')
          span.setAttribute('graphql.operation.type', type)
          if (name !== undefined) span.setAttribute('graphql.operation.name', name)
        }
        if (codes.length > 0) span.setAttribute('iam_logs.error_codes', [...new Set(codes)])
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      },
    } satisfies Plugin,

    /**
     * Starts the span of a statement; call the returned function at its end. Only statements during a request are
     * traced.
     */
    statement(text: string): (() => void) | undefined {
      if (trace.getActiveSpan()?.isRecording() !== true) return undefined
      const word = /^\W*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL'
      const attributes = {
        'db.system.name': database,
        'db.operation.name': word,
        'db.query.text': text.trim().replace(/\s+/g, ' ').slice(0, LONGEST_STATEMENT),
      }
      const span = tracer.startSpan(word, { kind: SpanKind.CLIENT, attributes })
      return () => span.end()
    },
  }
}

const LONGEST_STATEMENT = 2_000

/** Ends the span when the work, or its promise, has ended. */
function endAfter<T>(span: Span, work: () => T): T {
  const end = () => span.end()
  try {
    const value = work()
    if (value instanceof Promise) value.then(end, end)
    else end()
    return value
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR })
    end()
    throw error
  }
}
