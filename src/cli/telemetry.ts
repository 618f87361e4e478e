// Sends traces by OpenTelemetry's SDK. Loaded only where a setting names a collector, as it takes time and memory.

import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { createTracing, type Tracing } from '../server/plugins/tracing.ts'
import type { TracingConfig } from './config.ts'

export interface Telemetry {
  readonly tracing: Tracing
  /** Sends what was not sent yet, as long as the collector takes it within a few seconds. */
  end(): Promise<void>
}

/** How long the end may wait for the collector, in milliseconds. */
const LAST_WAIT = 3_000

/** Of the whole process: to be called once. `database` is what statements are of. */
export async function startTelemetry(
  config: TracingConfig,
  database: 'sqlite' | 'postgresql',
): Promise<Telemetry> {
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'iam-logs-gateway' }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(config),
    spanProcessors: [new BatchSpanProcessor({ exporter: await exporterFor(config) })],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)
  return {
    tracing: createTracing(database),
    async end() {
      const late = new Promise<void>(resolve => setTimeout(resolve, LAST_WAIT).unref())
      await Promise.race([provider.shutdown().catch(() => {}), late])
    },
  }
}

/** It reads where to send, and how, from OpenTelemetry's own settings. */
async function exporterFor({ protocol }: TracingConfig): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto')
  return new OTLPTraceExporter()
}

function samplerOf({ sampler, ratio }: TracingConfig): Sampler {
  const name = sampler.replace(/^parentbased_/, '')
  const root =
    name === 'always_on'
      ? new AlwaysOnSampler()
      : name === 'always_off'
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio)
  return name === sampler ? root : new ParentBasedSampler({ root })
}
