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
  const counter = <Label extends string = never>(name: string, help: string, ...labels: Label[]) =>
    new Counter({ name, help, labelNames: labels, registers })
  const requests = counter(
    'iam_logs_requests_total',
    'Requests that were answered, by path and response status.',
    'path',
    'status',
  )
  const errors = counter('iam_logs_errors_total', 'Errors in responses, by code.', 'code')
  const events = counter('iam_logs_events_returned_total', 'Events returned to viewers.')
  const statements = counter('iam_logs_statements_total', 'Statements sent to the database.')
  const crowded = counter(
    'iam_logs_connections_crowded_total',
    'Connections closed because too many were open.',
  )
  const durations = new Histogram({
    name: 'iam_logs_request_duration_seconds',
    help: 'Duration of responses, without subscriptions and exports.',
    labelNames: ['path'],
    buckets: DURATIONS,
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
  const counted =
    <Args extends unknown[], Found>(
      read: (...args: Args) => Awaitable<Found>,
      eventsIn: (found: Found) => readonly unknown[],
    ) =>
    async (...args: Args): Promise<Found> => {
      const found = await read(...args)
      count(eventsIn(found).filter(event => event !== null).length)
      return found
    }
  return {
    ...log,
    events: counted(log.events, page => page.events),
    arrivals: counted(log.arrivals, page => page?.events ?? []),
    eventsById: counted(log.eventsById, found => found),
    eventsByKey: counted(log.eventsByKey, found => found),
  }
}
