// The metrics of all processes together, for Prometheus. Counters never decrease, even when a process ends: its last
// counts are kept and added to those of the others.

import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type MetricObjectWithValues,
  Registry,
} from 'prom-client'
import { MICROSECONDS_PER_SECOND, now, parseInstant } from '../instant.ts'
import { readiness, type SyncRuns } from '../server/routes/health-route.ts'
import type { AuditStore } from '../store.ts'

/** The metrics of one process at one instant. */
export type Snapshot = readonly MetricObjectWithValues<never>[]

/** Metrics of the process itself, without the version of Node, which would only help attackers. */
export function processRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  registry.removeSingleMetric('nodejs_version_info')
  return registry
}

export function snapshotOf(registry: Registry): Promise<Snapshot> {
  return registry.getMetricsAsJSON() as Promise<unknown> as Promise<Snapshot>
}

/** Adds the counters of a process that ended; its gauges no longer apply. */
export function withEnded(total: Snapshot, ended: Snapshot): Snapshot {
  const counted = ended.filter(
    ({ type }) => String(type) === 'counter' || String(type) === 'histogram',
  )
  return AggregatorRegistry.aggregate([total, counted] as never).getMetricsAsArray() as never
}

/** Calls during a running one share its result, so that frequent callers cost no more than one. */
export function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
}

export interface Processes {
  /** The number of running workers, and of those that were replaced. */
  count(): { readonly alive: number; readonly replaced: number }
  /** Their metrics, up to a second old, and the counts of those that ended. */
  snapshots(): readonly Snapshot[]
}

/**
 * Adds metrics that are the same in every process, and so are measured by one. Returns a function that measures them
 * and gives the metrics of all processes as text.
 */
export function metricsOfAll(
  registry: Registry,
  store: AuditStore,
  syncRuns: () => SyncRuns | null,
  processes: () => Processes | null,
): () => Promise<string> {
  const registers = [registry]
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const up = gauge('iam_logs_database_up', 'Whether the database responds: 1 or 0.')
  const lag = gauge(
    'iam_logs_sync_lag_seconds',
    'Seconds since the end of the log was last read from Scaleway, the most of all Organizations. Absent if nothing was ever synced.',
  )
  const age = gauge(
    'iam_logs_coverage_age_seconds',
    'Seconds since the date up to which the archive is complete, the most of all Organizations. Absent if an Organization has no such date.',
  )
  const gaps = gauge('iam_logs_coverage_gaps', 'Time ranges of the log that were not read.')
  const failing = gauge('iam_logs_sync_failing', 'Whether the last sync run failed: 1 or 0.')
  const workers = gauge('iam_logs_workers', 'Worker processes that are running.')
  const runs = new Counter({
    name: 'iam_logs_sync_runs_total',
    help: 'Sync runs of this server, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const replacements = new Counter({
    name: 'iam_logs_workers_replaced_total',
    help: 'Worker processes that ended unexpectedly and were replaced.',
    registers,
  })

  return shared(async () => {
    const { database, sync } = await readiness(store, now(), syncRuns(), () => {})
    up.set(database === 'ok' ? 1 : 0)
    const known = sync.state === 'unknown' ? null : sync
    setAge(lag, known?.lastSyncedAt)
    setAge(age, known?.completeUntil)
    if (known === null) gaps.remove()
    else gaps.set(known.gaps)
    const { done, failed, failingSince } = syncRuns() ?? { done: 0, failed: 0, failingSince: null }
    failing.set(failingSince === null ? 0 : 1)
    runs.reset()
    runs.inc({ outcome: 'done' }, done)
    runs.inc({ outcome: 'failed' }, failed)
    const { alive, replaced } = processes()?.count() ?? { alive: 0, replaced: 0 }
    workers.set(alive)
    replacements.reset()
    replacements.inc(replaced)
    const snapshots = [await snapshotOf(registry), ...(processes()?.snapshots() ?? [])]
    return AggregatorRegistry.aggregate(snapshots as never).metrics()
  })
}

function setAge(gauge: Gauge, date: string | null | undefined): void {
  const instant = date == null ? null : parseInstant(date)
  if (instant === null) gauge.remove()
  else gauge.set((now() - instant) / MICROSECONDS_PER_SECOND)
}
