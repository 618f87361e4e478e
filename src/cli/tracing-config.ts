// The settings of tracing: OpenTelemetry's own, by their own names and rules. What the exporter reads by itself, as
// headers, time limits and certificates, is not repeated here.

import { z } from 'zod'

export interface TracingConfig {
  readonly protocol: (typeof PROTOCOLS)[number]
  readonly sampler: (typeof SAMPLERS)[number]
  /** The part of all traces that is sampled, where the sampler is one by ratio. */
  readonly ratio: number
}

const PROTOCOLS = ['http/protobuf', 'http/json'] as const

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

const protocol = z
  .enum(PROTOCOLS, { error: `is no protocol of this version; give one of ${PROTOCOLS.join(', ')}` })
  .optional()

const endpoint = z
  .string()
  .refine(
    text => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
    'is no address; give one such as http://127.0.0.1:4318',
  )
  .optional()

export const tracingSettings = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z
    .enum(['otlp', 'none'], { error: 'is no exporter of this version; give otlp or none' })
    .default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: `is no sampler; give one of ${SAMPLERS.join(', ')}` })
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .transform(Number)
    .refine(ratio => ratio >= 0 && ratio <= 1, 'is no ratio; give a number from 0 to 1')
    .default(1),
}

type Read = z.output<z.ZodObject<typeof tracingSettings>>

/** `null` where no endpoint is named, or tracing is turned off. */
export function readTracing(read: Read): TracingConfig | null {
  const named = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? read.OTEL_EXPORTER_OTLP_ENDPOINT
  const off =
    read.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || read.OTEL_TRACES_EXPORTER === 'none'
  if (named === undefined || off) return null
  return {
    protocol:
      read.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ??
      read.OTEL_EXPORTER_OTLP_PROTOCOL ??
      'http/protobuf',
    sampler: read.OTEL_TRACES_SAMPLER,
    ratio: read.OTEL_TRACES_SAMPLER_ARG,
  }
}
