// A process that serves requests: its app, log, metrics and traces.

import { type AppOptions, createApp } from '../server/app.ts'
import type { Crowded } from '../server/connections.ts'
import { listen, type RunningServer } from '../server/listen.ts'
import { createServingMetrics } from '../server/metrics.ts'
import { STREAM_LIMITS } from '../server/plugins/use-event-stream.ts'
import type { Answered } from '../server/request-context.ts'
import { EXPORT_LIMITS } from '../server/routes/export-route.ts'
import type { StreamLimits } from '../server/streams.ts'
import { isPostgres } from '../storage/database-address.ts'
import type { StatementHook } from '../storage/queries.ts'
import type { AuditStore } from '../store.ts'
import { createAudit } from './audit.ts'
import type { Config } from './config.ts'
import { createLog, type Logger, routineLevel } from './log.ts'
import { processRegistry } from './process-metrics.ts'
import { honourProxy } from './proxy.ts'

export type Observability = Awaited<ReturnType<typeof startObservability>>

export async function startObservability(config: Config) {
  const log = await createLog(config)
  const routine = routineLevel(config)
  const audit = createAudit(config, log)
  const registry = processRegistry()
  if (config.jwt !== null || config.signIn !== null) honourProxy()
  let openStreams = () => 0
  const metrics = createServingMetrics(registry, () => openStreams())
  const telemetry = config.tracing ? await loadTelemetry(config, log) : null
  // An unhandled rejection concerns one request at most: others continue to be served.
  process.on('unhandledRejection', error => log.error({ err: error }, 'something went wrong'))

  return {
    log,
    registry,
    /** Must be passed to the app's store. */
    onStatement: ((text: string) => {
      metrics.statement()
      return telemetry?.tracing.statement(text)
    }) satisfies StatementHook,
    /** Serves requests. Must be called once. */
    async listen(
      store: AuditStore,
      options: Pick<AppOptions, 'metrics' | 'persisted' | 'syncRuns'>,
    ): Promise<RunningServer> {
      const app = createApp({
        ...(await appSettings(config)),
        ...options,
        store: metrics.counting(store),
        reportFault: (error, requestId) =>
          log.error({ err: error, requestId }, 'an internal error occurred'),
        answered(answered) {
          metrics.answered(answered)
          logAnswered(log, routine, answered)
        },
        audit,
        ...(telemetry && { tracing: telemetry.tracing }),
      })
      openStreams = app.openStreams
      return listen(app, config.host, config.port, {
        idle: config.keepAlive * 1000,
        crowded: crowdedLogger(log, metrics.crowded),
      })
    },
    /** Sends remaining traces. */
    end: async () => telemetry?.end(),
  }
}

async function loadTelemetry({ database }: Config, log: Logger) {
  const { startTelemetry } = await import('./telemetry.ts')
  return startTelemetry(log, isPostgres(database) ? 'postgresql' : 'sqlite')
}

/** Milliseconds between two lines about closed connections: a flood closes thousands per second. */
const CROWDED_EVERY = 10_000

function crowdedLogger(log: Logger, count: () => void): (crowded: Crowded) => void {
  let closed = 0
  let loggedAt = Number.NEGATIVE_INFINITY
  return ({ network, held }) => {
    count()
    closed++
    const now = performance.now()
    if (now - loggedAt < CROWDED_EVERY) return
    loggedAt = now
    log.warn(
      { closed, network, held },
      'connection limit reached; connections of the network with the most were closed',
    )
    closed = 0
  }
}

/** One line per request; requests that machines send every few seconds only at the level `debug`. */
function logAnswered(log: Logger, routine: 'info' | 'debug', answered: Answered): void {
  const { path, address, status, duration, codes, viewerId, operation, lasting, traceId } = answered
  const level = status >= 500 ? 'error' : ROUTINE.has(path) && status < 400 ? 'debug' : routine
  if (!log.isLevelEnabled(level)) return
  log[level](
    {
      requestId: answered.requestId,
      method: answered.method,
      path,
      status,
      durationMs: Math.round(duration * 100) / 100,
      ...(address !== null && { address }),
      ...(viewerId !== null && { viewer: viewerId }),
      ...(operation !== null && { operation }),
      ...(codes.length > 0 && { codes: [...new Set(codes)] }),
      ...(lasting && { lasting }),
      ...(traceId !== null && { traceId }),
    },
    'answered',
  )
}

const ROUTINE: ReadonlySet<string> = new Set(['health', 'metrics', 'page'])

/** The app's options derived from the settings, the same in every process that serves requests. */
async function appSettings(config: Config) {
  const { host, allowedHosts, publicUrl, trustedProxies, corsOrigins, corsHeaders } = config
  const { rate, jwt, signIn, workers } = config
  return {
    hosts: [host, ...allowedHosts, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])],
    base: publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, ''),
    trustedProxies,
    origins: corsOrigins,
    originHeaders: corsHeaders,
    // Loaded only if needed.
    jwt: jwt && (await import('../auth/jwt.ts')).createJwtVerifier(jwt),
    signIn:
      signIn && publicUrl !== null
        ? {
            issuer: (await import('../auth/issuer.ts')).createIssuer(signIn),
            publicUrl,
            lasts: signIn.session,
          }
        : null,
    rate: { perSecond: rate, burst: 2 * rate },
    streams: shareOf(STREAM_LIMITS, workers),
    exports: shareOf(EXPORT_LIMITS, workers),
  }
}

/** One process's share of a limit for all processes together; of a viewer's limit, at least two. */
function shareOf(
  { most, mostOfViewer }: Pick<StreamLimits, 'most' | 'mostOfViewer'>,
  workers: number,
) {
  return {
    most: Math.ceil(most / workers),
    mostOfViewer: Math.max(2, Math.ceil(mostOfViewer / workers)),
  }
}
