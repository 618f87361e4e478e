// Connections to a PostgreSQL server by node-postgres: a pool for the primary, one for each replica, and one connection
// for LISTEN. Every wait has a time limit, a broken connection is replaced when the next one is needed, and no message
// contains the address, because it contains the password.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { codeOf, Unavailable } from '../../errors.ts'
import {
  type Ask,
  DatabaseUnavailable,
  type Driver,
  isAway,
  isBroken,
  type Listen,
  wordsOf,
} from './driver.ts'

/** The size of a pool. Each process has its own, and PostgreSQL allows 100 connections by default. */
export const USUAL_CONNECTIONS = 10

/** In milliseconds, like the following ones. */
const CONNECT_WITHIN = 5_000
const STATEMENT_WITHIN = 30_000
const LOCK_WITHIN = 20_000
const IMPATIENT_WITHIN = 1_000
const IDLE_IN_TRANSACTION = 60_000
/**
 * Locks are not released after each short statement, because a Citus coordinator opens a connection to each worker for
 * that.
 */
const LOCKS_FOR = 1_000
/** Short, because another process may need the connection; each pool keeps one. */
const IDLE = 10_000
const RECONNECT_AFTER = 500
const RECONNECT_AT_LATEST = 30_000
/** How long a replica that failed is not used. */
const LEFT_OUT = 10_000

/** The SQLSTATE of a connection that the limit of the server, the user or the database refuses. */
const TOO_MANY_CONNECTIONS = '53300'
/** How long a pool without any connection retries, and its interval. */
const PATIENCE = 8_000
const TRY_EVERY = 200
/** How long a pool that was refused a connection opens no other. */
const NARROW = 5_000

/** Compiling costs more than it gains for statements that take milliseconds. */
const SETTINGS = `SET jit = off; SET statement_timeout = ${STATEMENT_WITHIN};
  SET lock_timeout = ${LOCK_WITHIN}; SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION}`

const WITHOUT_LIMITS = 'SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0'

/**
 * Makes a Citus coordinator use one connection to each worker, so that it reads one consistent state. Has no effect
 * without Citus.
 */
const ONE_SNAPSHOT = 'SET LOCAL citus.max_adaptive_executor_pool_size = 1'

const INT8 = 20
/** The type of a sum of integers. */
const NUMERIC = 1700

const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format as 'text')
  },
}

/** What is wrong with an address, without quoting it; `null` if it is valid. */
export function faultOf(address: string): string | null {
  try {
    new pg.Client(connection(address))
    return null
  } catch (error) {
    // A file that the address names, such as sslrootcert, cannot be read. The text of any other error may contain the
    // address.
    if (codeOf(error).startsWith('E') && error instanceof Error && 'path' in error) {
      return `names a file that cannot be read: ${wordsOf(error)}`
    }
    return 'is not the address of a PostgreSQL server; give one like postgres://user@host:5432/name'
  }
}

/** Does not connect yet. */
export function connectPostgres(
  address: string,
  replicas: readonly string[],
  connections = USUAL_CONNECTIONS,
): Driver {
  const primary = openPool(address, connections)
  const replicaPools = replicas.map(replica => openPool(replica, connections))
  return {
    ask: primary.ask,
    recent: replicaPools.length === 0 ? () => primary.ask : inTurn(replicaPools, primary),
    transaction: (work, { patient }) =>
      primary.transaction(
        `BEGIN ISOLATION LEVEL READ COMMITTED${patient ? `; ${WITHOUT_LIMITS}` : ''}`,
        client => work(queryOver(client, patient ? null : STATEMENT_WITHIN)),
      ),
    snapshot: work =>
      primary.transaction(
        `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${WITHOUT_LIMITS}; ${ONE_SNAPSHOT}; SAVEPOINT passing`,
        client => work(readOver(client)),
      ),
    impatient: (text, values) =>
      primary.use(async client => {
        await client.query(`SET lock_timeout = ${IMPATIENT_WITHIN}`)
        try {
          return await queryOver(client, STATEMENT_WITHIN)(text, values)
        } finally {
          await client.query(`SET lock_timeout = ${LOCK_WITHIN}`)
        }
      }),
    listen: listener(address, channel => primary.ask('SELECT pg_notify($1, $2)', [channel, ''])),
    async close() {
      await Promise.all([primary, ...replicaPools].map(pool => pool.end()))
    },
  }
}

/** node-postgres leaves the socket of a connection open if the connection failed to start. */
class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    // The pool's own limit is for waiting until a connection is free.
    super({ ...config, connectionTimeoutMillis: CONNECT_WITHIN })
    // Without a listener, an idle connection that breaks would end the process.
    this.on('error', () => {})
  }

  override connect(): Promise<pg.Client>
  override connect(callback: (error: Error) => void): void
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | undefined {
    const connected = super.connect().catch(error => {
      super.end().catch(() => {})
      throw error
    })
    if (callback === undefined) return connected
    connected.then(() => (callback as () => void)(), callback)
    return undefined
  }
}

type Pool = ReturnType<typeof openPool>

function openPool(address: string, connections: number) {
  const pool = new pg.Pool({
    ...connection(address),
    Client,
    min: 1,
    max: connections,
    pipeline: true,
    connectionTimeoutMillis: STATEMENT_WITHIN,
    idleTimeoutMillis: IDLE,
    onConnect: async client => {
      await client.query(SETTINGS)
    },
  })
  let held = 0
  let narrowUntil = 0
  const openedAt = new WeakMap<pg.PoolClient, number>()
  let brokenAt = Number.NEGATIVE_INFINITY
  pool.on('error', () => {})
  pool.on('connect', client => {
    held++
    openedAt.set(client, performance.now())
  })
  pool.on('remove', () => {
    held--
  })

  /**
   * If the server refuses more connections, waits for one of the pool's; if the pool has no connection, for the server.
   * Once a connection broke, those opened before are not used any more: they are probably broken, too.
   */
  async function lend(): Promise<pg.PoolClient> {
    const until = performance.now() + PATIENCE
    for (;;) {
      if (performance.now() > narrowUntil) pool.options.max = connections
      try {
        const client = await pool.connect()
        if ((openedAt.get(client) ?? 0) >= brokenAt) return client
        client.release(true)
      } catch (error) {
        const isLate = held === 0 && performance.now() > until
        if (codeOf(error) !== TOO_MANY_CONNECTIONS || isLate) throw new DatabaseUnavailable(error)
        pool.options.max = Math.max(1, held)
        narrowUntil = performance.now() + NARROW
        if (held === 0) await delay(TRY_EVERY)
      }
    }
  }

  /** Lends a connection, which is closed afterwards if `work` calls `broke`, or an error shows that it broke. */
  async function use<T>(
    work: (client: pg.PoolClient, broke: () => void) => Promise<T>,
  ): Promise<T> {
    const client = await lend()
    let broken = false
    try {
      return await work(client, () => {
        broken = true
      })
    } catch (error) {
      broken ||= isBroken(error)
      if (broken) {
        brokenAt = performance.now()
        throw error instanceof DatabaseUnavailable ? error : new DatabaseUnavailable(error)
      }
      throw isAway(error) ? new Unavailable(`PostgreSQL says: ${wordsOf(error)}`, error) : error
    } finally {
      client.release(broken)
    }
  }

  async function twice<T>(work: () => Promise<T>, mayRepeat = () => true): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const isStale =
        error instanceof Unavailable ||
        (error instanceof DatabaseUnavailable && error.code !== TOO_MANY_CONNECTIONS)
      if (!isStale || pool.ended || !mayRepeat()) throw error
      return work()
    }
  }

  return {
    /** Runs a read; retries it once if the connection was broken, or a coordinator's connection to a worker. */
    ask: ((text, values) =>
      twice(() => use(client => queryOver(client, STATEMENT_WITHIN)(text, values)))) as Ask,
    /** Commits what `work` did; tries again once if it could not begin. */
    transaction<T>(begin: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
      let begun = false
      const once = () =>
        use((client, broke) =>
          within(client, begin, broke, () => {
            begun = true
            return work(client)
          }),
        )
      return twice(once, () => !begun)
    },
    use,
    end: () => pool.end(),
  }
}

function connection(address: string): pg.ClientConfig {
  return {
    connectionString: withCheckedCertificate(address),
    fallback_application_name: 'iam-logs',
    connectionTimeoutMillis: CONNECT_WITHIN,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  }
}

/** With TLS the certificate is always verified: node-postgres does this too, and warns that this may change. */
function withCheckedCertificate(address: string): string {
  return address.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full')
}

async function within<T>(
  client: pg.PoolClient,
  begin: string,
  broke: () => void,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(begin)
  try {
    const done = await work()
    await client.query('COMMIT')
    return done
  } catch (error) {
    // A connection that cannot roll back is not used again.
    if (!isBroken(error)) await client.query('ROLLBACK').catch(broke)
    throw error
  }
}

/** The server itself enforces the limit; our own limit is for a server that no longer responds at all. */
function queryOver(client: pg.PoolClient, limit: number | null): Ask {
  const timed = limit === null ? {} : { query_timeout: limit + 5_000 }
  return async (text, values) => {
    const { rows, fields, rowCount } = await client.query<unknown[]>({
      ...timed,
      text,
      values: [...values],
      rowMode: 'array',
      types,
    })
    return fields.length === 0 ? [[rowCount ?? 0]] : rows
  }
}

/**
 * Within a read-only transaction with the savepoint `passing`: releases the locks of statements, at most once in
 * `LOCKS_FOR`. A statement locks each table it may read, with all its indexes, and all sessions of a server share some
 * thousands of such locks.
 */
function readOver(client: pg.PoolClient): Ask {
  const ask = queryOver(client, null)
  let releasedAt = performance.now()
  return async (text, values) => {
    const rows = await ask(text, values)
    if (performance.now() - releasedAt > LOCKS_FOR) {
      await client.query('ROLLBACK TO passing')
      releasedAt = performance.now()
    }
    return rows
  }
}

/** Each read uses one replica, in turn. A replica that fails is not used for a while; then the primary is used. */
function inTurn(replicas: readonly Pool[], primary: Pool): Driver['recent'] {
  const outUntil = new Map<Pool, number>()
  let turn = 0

  return () => {
    const usable = replicas.filter(replica => (outUntil.get(replica) ?? 0) <= performance.now())
    let chosen = usable[turn++ % usable.length] ?? primary
    return async (text, values) => {
      if (chosen === primary) return primary.ask(text, values)
      try {
        return await chosen.ask(text, values)
      } catch (error) {
        // A statement that exceeds its time limit on the replica would also exceed it on the primary.
        if (codeOf(error) === '57014') throw error
        outUntil.set(chosen, performance.now() + LEFT_OUT)
        chosen = primary
        return primary.ask(text, values)
      }
    }
  }
}

/**
 * `call` sends a test notification: `hears` is false until one has arrived, because through a pooler none may ever
 * arrive.
 */
function listener(address: string, call: (channel: string) => Promise<unknown>): Listen {
  return (channel, heard) => {
    let client: pg.Client | null = null
    let hears = false
    let ended = false
    let wait = RECONNECT_AFTER
    let timer: NodeJS.Timeout | undefined
    void connect()

    async function connect(): Promise<void> {
      const made = new pg.Client(connection(address))
      client = made
      made.on('error', () => lost(made))
      made.on('end', () => lost(made))
      made.on('notification', () => {
        hears = !ended && client === made
        heard()
      })
      try {
        await made.connect()
        await made.query(`LISTEN ${channel}`)
        wait = RECONNECT_AFTER
        // Notifications from before LISTEN were missed.
        heard()
        await call(channel).catch(() => {})
      } catch {
        lost(made)
      }
    }

    function lost(which: pg.Client): void {
      if (client !== which) return
      client = null
      hears = false
      which.end().catch(() => {})
      if (ended) return
      timer = setTimeout(connect, wait).unref()
      wait = Math.min(2 * wait, RECONNECT_AT_LATEST)
    }

    return {
      hears: () => hears,
      async end() {
        ended = true
        hears = false
        clearTimeout(timer)
        await client?.end().catch(() => {})
      },
    }
  }
}
