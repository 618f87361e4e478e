// One process that answers, as its operator sees it: its log, its figures, its traces, and the app that feeds them.

import type { Registry } from 'prom-client'
import { type App, type AppOptions, createApp } from '../server/app.ts'
import type { Crowded } from '../server/connections.ts'
import { createServingMetrics } from '../server/metrics.ts'
import type { Answered } from '../server/request-context.ts'
import { isPostgres } from '../storage/address.ts'
import type { StatementHook } from '../storage/statement.ts'
import type { AuditStore } from '../store.ts'
import { createAudit } from './audit.ts'
import { appSettings } from './command.ts'
import type { Config } from './config.ts'
import { processRegistry } from './figures.ts'
import { createLog, type Logger, routineLevel } from './log.ts'
import { honourProxy } from './proxy.ts'

export interface Observability {
  readonly log: Logger
  readonly registry: Registry
  /** For the store that the app gets. */
  readonly onStatement: StatementHook
  /** To be called once. */
  app(
    store: AuditStore,
    options: Pick<AppOptions, 'metrics' | 'persisted' | 'syncRuns'>,
  ): Promise<App>
  /** Sends what is left to send. */
  end(): Promise<void>
}

export async function startObservability(config: Config): Promise<Observability> {
  const log = await createLog(config)
  const routine = routineLevel(config)
  const audit = createAudit(config, log)
  const registry = processRegistry()
  if (config.jwt !== null || config.signIn !== null) honourProxy()
  let openStreams = () => 0
  const metrics = createServingMetrics(registry, () => openStreams())
  const telemetry = config.tracing ? await load(config, log) : null
  // What nobody waited for is a fault, but one request's at most: whoever else asks goes on being answered.
  process.on('unhandledRejection', error => log.error({ err: error }, 'something went wrong'))

  return {
    log,
    registry,
    onStatement(text) {
      metrics.statement()
      return telemetry?.tracing.statement(text)
    },
    async app(store, options) {
      const app = createApp({
        ...(await appSettings(config)),
        ...options,
        store: metrics.counting(store),
        reportFault: (error, requestId) =>
          log.error({ err: error, requestId }, 'something went wrong'),
        answered(answered) {
          metrics.answered(answered)
          logAnswered(log, routine, answered)
        },
        crowded: crowdTeller(log, metrics.crowded),
        audit,
        ...(telemetry && { tracing: telemetry.tracing }),
      })
      openStreams = app.openStreams
      return app
    },
    async end() {
      await telemetry?.end()
    },
  }
}

async function load({ database }: Config, log: Logger) {
  const { startTelemetry } = await import('./telemetry.ts')
  return startTelemetry(log, isPostgres(database) ? 'postgresql' : 'sqlite')
}

/** So often it is logged that connections are closed, in milliseconds. */
const CROWDED_EVERY = 10_000

/** Whoever holds all connections may open thousands a second. */
function crowdTeller(log: Logger, count: () => void): (crowded: Crowded) => void {
  let closed = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return ({ network, held }) => {
    count()
    closed++
    const now = performance.now()
    if (now - toldAt < CROWDED_EVERY) return
    toldAt = now
    log.warn(
      { closed, network, held },
      'all connections are taken; some were closed, of those who hold the most',
    )
    closed = 0
  }
}

/** One line a request. What is asked by machines every few seconds is told only to who looks closely. */
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
