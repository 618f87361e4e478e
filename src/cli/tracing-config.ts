// Whether traces are sent. OpenTelemetry's SDK reads all its other settings itself.

import { z } from 'zod'

const endpoint = z
  .string()
  .refine(
    text => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
    'is not a valid URL; give one such as http://127.0.0.1:4318',
  )
  .optional()

export const tracingSettings = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
}

type Read = z.output<z.ZodObject<typeof tracingSettings>>

/** Whether an endpoint is named, and tracing is not turned off. */
export function isTraced(read: Read): boolean {
  const named = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? read.OTEL_EXPORTER_OTLP_ENDPOINT
  return (
    named !== undefined &&
    read.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
    read.OTEL_TRACES_EXPORTER !== 'none'
  )
}
