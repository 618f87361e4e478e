// The figures of all processes together, as Prometheus takes them. What counts up never falls, also when a process
// ends: what it had counted is kept with that of the others that are gone.

import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type MetricObjectWithValues,
  Registry,
} from 'prom-client'
import { type Instant, MICROSECONDS_PER_SECOND, now, parseInstant } from '../instant.ts'
import { readiness, type SyncRuns } from '../server/routes/health.ts'
import type { AuditStore } from '../store.ts'

/** What one process counted up to now. */
export type Snapshot = readonly MetricObjectWithValues<never>[]

/** What is counted of the process itself. Without the version of Node, which is nobody's business. */
export function processRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  registry.removeSingleMetric('nodejs_version_info')
  return registry
}

export function snapshotOf(registry: Registry): Promise<Snapshot> {
  return registry.getMetricsAsJSON() as Promise<unknown> as Promise<Snapshot>
}

/** One snapshot in place of several: counts are added up; of what is measured, each metric says what becomes of it. */
export function together(snapshots: readonly Snapshot[]): Snapshot {
  return AggregatorRegistry.aggregate(snapshots as never).getMetricsAsArray() as never
}

/** Of a snapshot, what stays true when its process has ended. */
export function lasting(snapshot: Snapshot): Snapshot {
  return snapshot.filter(({ type }) => String(type) === 'counter' || String(type) === 'histogram')
}

export function textOf(snapshots: readonly Snapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots as never).metrics()
}

/** Calls that come while one is under way get its answer: who asks often costs no more than who asks once. */
export function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
}

export interface ArchiveMetrics {
  /** Looks how the archive does; to be called before each reading of the registry. */
  refresh(): Promise<void>
}

/** What is the same whichever process looks: to be counted by one. */
export function createArchiveMetrics(
  registry: Registry,
  store: AuditStore,
  syncRuns: () => SyncRuns | null,
): ArchiveMetrics {
  const registers = [registry]
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const up = gauge('iam_logs_database_up', 'Whether the database answers.')
  const lag = gauge(
    'iam_logs_sync_lag_seconds',
    'Since when the end of the log was not read from Scaleway; of the Organization that waits the longest. None where nothing was ever synced.',
  )
  const age = gauge(
    'iam_logs_coverage_age_seconds',
    'How long ago the archive ceases to be complete, of the Organization where it ceases first. None where it is nowhere complete.',
  )
  const gaps = gauge('iam_logs_coverage_gaps', 'Stretches of the log that were not read.')
  const failing = gauge('iam_logs_sync_failing', 'Whether the last run of the sync went wrong.')
  new Counter({
    name: 'iam_logs_sync_runs_total',
    help: 'Runs of the sync that this server runs itself, by how they ended.',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { done, failed } = syncRuns() ?? { done: 0, failed: 0 }
      this.reset()
      this.inc({ outcome: 'done' }, done)
      this.inc({ outcome: 'failed' }, failed)
    },
  })

  return {
    async refresh() {
      const { database, sync } = await readiness(store, now(), syncRuns(), () => {})
      up.set(database === 'ok' ? 1 : 0)
      failing.set((syncRuns()?.failingSince ?? null) === null ? 0 : 1)
      const known = sync.state === 'unknown' ? null : sync
      since(lag, known?.lastSyncedAt)
      since(age, known?.completeUntil)
      if (known === null) gaps.remove()
      else gaps.set(known.gaps)
    },
  }
}

function since(gauge: Gauge, date: string | null | undefined): void {
  const instant: Instant | null = date == null ? null : parseInstant(date)
  if (instant === null) gauge.remove()
  else gauge.set((now() - instant) / MICROSECONDS_PER_SECOND)
}
