// Ingests events on a worker thread: SQLite blocks until it has written, and code that reads from a network or a file
// can continue meanwhile. The thread has its own connections to the file.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { ReadWindow } from '../../coverage.ts'
import type { Event } from '../../event.ts'
import type { Appended, AuditStore } from '../../store.ts'
import { fileOf } from '../database-address.ts'
import { openStore, type StoreOptions } from '../open.ts'
import { isSqliteError } from './sqlite-connection.ts'

interface WorkerOptions extends Pick<StoreOptions, 'scalewayIds' | 'appendCache'> {
  readonly file: string
}

interface AppendRequest {
  readonly events: readonly Event[]
  readonly windows: readonly ReadWindow[]
}

/** A posted error loses its `code`, which distinguishes a full disk from a bug. */
type AppendReply =
  | { readonly appended: Appended }
  | { readonly error: unknown; readonly code: unknown }

/**
 * Like `openStore`; events are written to a SQLite file on the thread, one call after the other. Closing the store waits
 * for calls in progress.
 */
export async function openStoreForIntake(
  address: string,
  options: StoreOptions,
): Promise<AuditStore> {
  const store = await openStore(address, options)
  const file = fileOf(address)
  if (file === null || file === ':memory:') return store
  // Other options, such as functions, cannot be sent to a thread.
  const { scalewayIds, appendCache } = options
  return withAppendThread(store, { file, scalewayIds, ...(appendCache && { appendCache }) })
}

function withAppendThread(store: AuditStore, options: WorkerOptions): AuditStore {
  const worker = new Worker(new URL(import.meta.url), { workerData: options })
  const waiting: PromiseWithResolvers<Appended>[] = []
  let failure: unknown = null
  worker.unref()

  function fail(error: unknown): void {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }

  worker.on('message', (reply: AppendReply) => {
    const pending = waiting.shift()
    if (waiting.length === 0) worker.unref()
    if ('appended' in reply) pending?.resolve(reply.appended)
    else pending?.reject(withCode(reply))
  })
  worker.on('error', fail)
  worker.on('exit', code => fail(new Error(`the thread that writes has ended with ${code}`)))

  function appendRead(events: readonly Event[], windows: readonly ReadWindow[]): Promise<Appended> {
    if (failure !== null) return Promise.reject(failure)
    const pending = Promise.withResolvers<Appended>()
    waiting.push(pending)
    worker.ref()
    worker.postMessage({ events, windows } satisfies AppendRequest)
    return pending.promise
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

function withCode({ error, code }: Extract<AppendReply, { error: unknown }>): unknown {
  return error instanceof Error && code !== undefined ? Object.assign(error, { code }) : error
}

if (!isMainThread && parentPort !== null) await serve(parentPort, workerData as WorkerOptions)

async function serve(
  port: NonNullable<typeof parentPort>,
  { file, ...options }: WorkerOptions,
): Promise<void> {
  const store = await openStore(file, options)
  port.on('message', async ({ events, windows }: AppendRequest) => {
    let reply: AppendReply
    try {
      reply = { appended: await store.appendRead(events, windows) }
    } catch (error) {
      reply = { error, code: isSqliteError(error) ? error.code : undefined }
    }
    port.postMessage(reply)
  })
}
