// Sends traces by OpenTelemetry's SDK, which reads its standard settings itself. Loaded only where a setting names a
// collector, as it takes time and memory.

import { DiagLogLevel, diag } from '@opentelemetry/api'
import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { createTracing, type Tracing } from '../server/plugins/traces.ts'
import type { Logger } from './log.ts'

export interface Telemetry {
  readonly tracing: Tracing
  /** Sends what was not sent yet, as long as the collector takes it within a few seconds. */
  end(): Promise<void>
}

/** How long the end may wait for the collector, in milliseconds. */
const LAST_WAIT = 3_000

/** Of the whole process: to be called once. `database` is what statements are of. */
export function startTelemetry(log: Logger, database: 'sqlite' | 'postgresql'): Telemetry {
  const sdk = new NodeSDK({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': 'iam-logs-gateway' }),
    ),
    // Others would tell the arguments of the process.
    resourceDetectors: [envDetector],
    // Without these two it would send metrics and logs, too.
    metricReaders: [],
    logRecordProcessors: [],
  })
  const tell = (level: 'error' | 'warn') => (text: string) => log[level]({ text }, 'tracing')
  const silent = () => {}
  diag.setLogger(
    { error: tell('error'), warn: tell('warn'), info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  sdk.start()
  return {
    tracing: createTracing(database),
    async end() {
      const late = new Promise<void>(resolve => setTimeout(resolve, LAST_WAIT).unref())
      await Promise.race([sdk.shutdown().catch(() => {}), late])
    },
  }
}
