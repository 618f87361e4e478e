// An archive that syncs with a fake Scaleway, as the command does it, with the real client and a clock of the test.

import type { Instant } from '../../src/instant.ts'
import { scalewayIds } from '../../src/principal.ts'
import { createScalewayClient } from '../../src/scaleway/client.ts'
import { type SyncSummary, syncOrganization } from '../../src/scaleway/sync.ts'
import { openStore } from '../../src/storage/open.ts'
import type { StatementHook } from '../../src/storage/queries.ts'
import type { AuditStore } from '../../src/store.ts'
import { at, ORGANIZATION } from './events.ts'
import type { FakeScaleway } from './scaleway.ts'

export const NOW = at('2026-06-01T12:00:00Z')
export const MINUTE = 60_000_000
export const DAY = 1440 * MINUTE

export interface Follower {
  readonly store: AuditStore
  readonly notes: string[]
  readonly windows: {
    readonly from: Instant
    readonly until: Instant | null
    readonly events: number
  }[]
  readonly progress: (readonly [read: number, total: number])[]
  /** Moves the clock, which stands still otherwise. */
  pass(time: Instant): void
  now(): Instant
  /** Runs sync once; the signal aborts it, like a kill. */
  sync(options?: SyncRun): Promise<SyncSummary>
  close(): Promise<void>
}

export interface SyncRun {
  readonly organizationId?: string
  readonly thorough?: boolean
  readonly signal?: AbortSignal
  readonly windowEvents?: { readonly least: number; readonly most: number }
  readonly tries?: number
}

export async function follower(
  fake: FakeScaleway,
  file = ':memory:',
  onStatement?: StatementHook,
): Promise<Follower> {
  let time = NOW
  const clock = () => time
  const store = await openStore(file, {
    scalewayIds: scalewayIds(),
    clock,
    ...(onStatement && { onStatement }),
  })
  const notes: string[] = []
  const windows: Follower['windows'] = []
  const progress: Follower['progress'] = []
  return {
    store,
    notes,
    windows,
    progress,
    pass(by) {
      time += by
    },
    now: clock,
    sync(run = {}) {
      const { organizationId = ORGANIZATION, thorough = true, windowEvents, tries = 6 } = run
      const profile = {
        accessKey: fake.accessKey,
        secretKey: fake.secretKey,
        organizationId: null,
        apiUrl: fake.url,
      }
      const client = createScalewayClient(profile, {
        signal: run.signal ?? new AbortController().signal,
        patience: { tries, firstWait: 1, longestWait: 2, timeout: 500 },
      })
      return syncOrganization({
        client,
        store,
        organizationId,
        clock,
        thorough,
        ...(windowEvents && { windowEvents }),
        report: {
          window: window => windows.push(window),
          progress: (read, total) => progress.push([read, total]),
          note: line => notes.push(line),
        },
      })
    },
    close: async () => store.close(),
  }
}
