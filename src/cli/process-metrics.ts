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

export function textOf(snapshots: readonly Snapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots as never).metrics()
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

/**
 * Adds metrics that are the same in every process, and so are measured by one. Returns the function that measures them,
 * to be called before each scrape.
 */
export function createArchiveMetrics(
  registry: Registry,
  store: AuditStore,
  syncRuns: () => SyncRuns | null,
): () => Promise<void> {
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
  new Counter({
    name: 'iam_logs_sync_runs_total',
    help: 'Sync runs of this server, by outcome.',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { done, failed } = syncRuns() ?? { done: 0, failed: 0 }
      this.reset()
      this.inc({ outcome: 'done' }, done)
      this.inc({ outcome: 'failed' }, failed)
    },
  })

  return async () => {
    const { database, sync } = await readiness(store, now(), syncRuns(), () => {})
    up.set(database === 'ok' ? 1 : 0)
    failing.set((syncRuns()?.failingSince ?? null) === null ? 0 : 1)
    const known = sync.state === 'unknown' ? null : sync
    setAge(lag, known?.lastSyncedAt)
    setAge(age, known?.completeUntil)
    if (known === null) gaps.remove()
    else gaps.set(known.gaps)
  }
}

function setAge(gauge: Gauge, date: string | null | undefined): void {
  const instant = date == null ? null : parseInstant(date)
  if (instant === null) gauge.remove()
  else gauge.set((now() - instant) / MICROSECONDS_PER_SECOND)
}
