// Takes events in on a thread of its own: SQLite returns only when it has written, and who reads from a network or a file
// can go on reading meanwhile. The thread has its own connections to the file.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { ReadWindow } from '../../coverage.ts'
import type { Event } from '../../event.ts'
import type { Appended, AuditStore } from '../../store.ts'
import { isSqliteError } from './failures.ts'
import { openSqliteStore, type SqliteOptions } from './store.ts'

interface Opened {
  readonly file: string
  readonly scalewayIds: SqliteOptions['scalewayIds']
}

interface Asked {
  readonly events: readonly Event[]
  readonly windows: readonly ReadWindow[]
}

/** On its way an error loses its code, by which a full disk is told from a fault of ours. */
type Answered =
  | { readonly appended: Appended }
  | { readonly error: unknown; readonly code: unknown }

/**
 * The store, which is that of `file`, but that what is appended is written on the thread, one call after the other.
 * Closing it waits for what is under way.
 */
export function withAppendThread(store: AuditStore, opened: Opened): AuditStore {
  const worker = new Worker(new URL(import.meta.url), { workerData: opened })
  const waiting: PromiseWithResolvers<Appended>[] = []
  let failure: unknown = null
  worker.unref()

  function fail(error: unknown): void {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }

  worker.on('message', (answered: Answered) => {
    const asked = waiting.shift()
    if (waiting.length === 0) worker.unref()
    if ('appended' in answered) asked?.resolve(answered.appended)
    else asked?.reject(withCode(answered))
  })
  worker.on('error', fail)
  worker.on('exit', code => fail(new Error(`the thread that writes has ended with ${code}`)))

  function appendRead(events: readonly Event[], windows: readonly ReadWindow[]): Promise<Appended> {
    if (failure !== null) return Promise.reject(failure)
    const asked = Promise.withResolvers<Appended>()
    waiting.push(asked)
    worker.ref()
    worker.postMessage({ events, windows } satisfies Asked)
    return asked.promise
  }

  return {
    ...store,
    append: events => appendRead(events, []),
    appendRead,
    async close() {
      await Promise.allSettled(waiting.map(({ promise }) => promise))
      await worker.terminate()
      await store.close()
    },
  }
}

function withCode({ error, code }: Extract<Answered, { error: unknown }>): unknown {
  return error instanceof Error && code !== undefined ? Object.assign(error, { code }) : error
}

if (!isMainThread && parentPort !== null) serve(parentPort, workerData as Opened)

function serve(port: NonNullable<typeof parentPort>, { file, scalewayIds }: Opened): void {
  const store = openSqliteStore(file, { scalewayIds })
  port.on('message', async ({ events, windows }: Asked) => {
    let answered: Answered
    try {
      answered = { appended: await store.appendRead(events, windows) }
    } catch (error) {
      answered = { error, code: isSqliteError(error) ? error.code : undefined }
    }
    port.postMessage(answered)
  })
}
