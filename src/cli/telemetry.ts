// Sends traces by OpenTelemetry's SDK, which reads its standard settings itself. Loaded only if a collector is set,
// because it takes time and memory.

import { DiagLogLevel, diag } from '@opentelemetry/api'
import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { createTracing } from '../server/plugins/traces.ts'
import type { Logger } from './log.ts'

/** Milliseconds. */
const SHUTDOWN_TIMEOUT = 3_000

/** Must be called once per process. `database` is the kind of database in spans of statements. */
export function startTelemetry(log: Logger, database: 'sqlite' | 'postgresql') {
  const sdk = new NodeSDK({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': 'iam-logs-gateway' }),
    ),
    // Other detectors would send the arguments of the process.
    resourceDetectors: [envDetector],
    // Otherwise the SDK would send metrics and logs, too.
    metricReaders: [],
    logRecordProcessors: [],
  })
  const logAt = (level: 'error' | 'warn') => (text: string) => log[level]({ text }, 'tracing')
  const silent = () => {}
  diag.setLogger(
    { error: logAt('error'), warn: logAt('warn'), info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  sdk.start()
  return {
    tracing: createTracing(database),
    /** Sends the remaining traces, if the collector accepts them within a few seconds. */
    async end(): Promise<void> {
      const late = new Promise<void>(resolve => setTimeout(resolve, SHUTDOWN_TIMEOUT).unref())
      await Promise.race([sdk.shutdown().catch(() => {}), late])
    },
  }
}
