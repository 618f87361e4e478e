// The metrics of one process for Prometheus. Labels have few values, none chosen by a client: no Organization, name or
// query. Rows hidden from a viewer are not counted, because the difference would reveal them.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Awaitable, LogReader } from '../log-reader.ts'
import type { AuditStore } from '../store.ts'
import type { Answered } from './request-context.ts'

/** Seconds. Most responses take about a millisecond. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createServingMetrics(registry: Registry, openStreams: () => number) {
  const registers = [registry]
  const requests = new Counter({
    name: 'iam_logs_requests_total',
    help: 'Requests that were answered, by path and response status.',
    labelNames: ['path', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'iam_logs_request_duration_seconds',
    help: 'Duration of responses, without subscriptions and exports.',
    labelNames: ['path'],
    buckets: DURATIONS,
    registers,
  })
  const errors = new Counter({
    name: 'iam_logs_errors_total',
    help: 'Errors in responses, by code.',
    labelNames: ['code'],
    registers,
  })
  const events = new Counter({
    name: 'iam_logs_events_returned_total',
    help: 'Events returned to viewers.',
    registers,
  })
  const statements = new Counter({
    name: 'iam_logs_statements_total',
    help: 'Statements sent to the database.',
    registers,
  })
  const crowded = new Counter({
    name: 'iam_logs_connections_crowded_total',
    help: 'Connections closed because too many were open.',
    registers,
  })
  new Gauge({
    name: 'iam_logs_streams_open',
    help: 'Open subscriptions.',
    registers,
    collect() {
      this.set(openStreams())
    },
  })

  return {
    answered({ path, status, codes, duration, lasting }: Answered): void {
      requests.inc({ path, status })
      if (!lasting) durations.observe({ path }, duration / 1000)
      for (const code of codes) errors.inc({ code })
    },
    /** A connection was closed because there were too many. */
    crowded: () => crowded.inc(),
    statement: () => statements.inc(),
    /** Wraps a store so that its readers count the events they return. */
    counting: (store: AuditStore): AuditStore => ({
      ...store,
      reader: (visibility, goOn) =>
        countingReader(store.reader(visibility, goOn), count => events.inc(count)),
    }),
  }
}

function countingReader(log: LogReader, count: (events: number) => void): LogReader {
  const countFound = (found: readonly unknown[]) =>
    count(found.filter(event => event !== null).length)
  return {
    ...log,
    events: query => after(log.events(query), page => count(page.events.length)),
    arrivals: query => after(log.arrivals(query), page => count(page?.events.length ?? 0)),
    eventsById: ids => after(log.eventsById(ids), countFound),
    eventsByKey: keys => after(log.eventsByKey(keys), countFound),
  }
}

/**
 * Handles a value and a promise; a value is not wrapped in a promise, which would cost its readers a turn of the event
 * loop.
 */
function after<T>(value: Awaitable<T>, inspect: (value: T) => void): Awaitable<T> {
  if (value instanceof Promise) {
    return value.then(value => {
      inspect(value)
      return value
    })
  }
  inspect(value)
  return value
}
