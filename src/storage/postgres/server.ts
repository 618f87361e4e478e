// Connections to a PostgreSQL server by node-postgres: a pool to the primary, one to each replica, and one connection
// that listens. Every wait has an end; a connection that breaks is replaced by the next who needs one; and no message
// holds the address, which holds the password.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Unavailable } from '../../errors.ts'
import type { Listen } from './arrivals.ts'
import type { Ask, Driver } from './driver.ts'
import { codeOf, DatabaseUnavailable, isAway, isBroken, unavailable, wordsOf } from './failures.ts'

/** Of a pool. Processes multiply it: PostgreSQL has 100 connections unless it is told otherwise. */
export const USUAL_CONNECTIONS = 10

/** All in milliseconds. */
const CONNECT_WITHIN = 5_000
const STATEMENT_WITHIN = 30_000
const LOCK_WITHIN = 20_000
const IMPATIENT_WITHIN = 1_000
const IDLE_IN_TRANSACTION = 60_000
/** Soon, as another process may have none; but each keeps one. */
const IDLE = 10_000
const RECONNECT_AFTER = 500
const RECONNECT_AT_LATEST = 30_000
/** A replica that failed is asked again after so long. */
const LEFT_OUT = 10_000

/** The server refuses another connection: its own limit is reached, or the user's or the database's. */
const TOO_MANY_CONNECTIONS = '53300'
/** So long one waits for the server to give a first one, trying again this often. */
const PATIENCE = 8_000
const TRY_EVERY = 200
/** So long no other is asked for. */
const NARROW = 5_000

/** Compiling costs more than it gains where statements take milliseconds. */
const SETTINGS = `SET jit = off; SET statement_timeout = ${STATEMENT_WITHIN};
  SET lock_timeout = ${LOCK_WITHIN}; SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION}`

const WITHOUT_LIMITS = 'SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0'

/** A coordinator asks each worker on one connection, which has one state. Elsewhere this says nothing. */
const ONE_SNAPSHOT = 'SET LOCAL citus.max_adaptive_executor_pool_size = 1'

const INT8 = 20
/** What sums of whole numbers are. */
const NUMERIC = 1700

const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format as 'text')
  },
}

/** What is wrong with an address, without a word of it; `null` where it can be understood. */
export function faultOf(address: string): string | null {
  try {
    new pg.Client(connection(address))
    return null
  } catch (error) {
    // Of a file it names, such as sslrootcert; any other error would hold the address.
    if (codeOf(error).startsWith('E') && error instanceof Error && 'path' in error) {
      return `names a file that cannot be read: ${wordsOf(error)}`
    }
    return 'is no address of a PostgreSQL server; give one like postgres://user@host:5432/name'
  }
}

/** Connects to nothing yet. */
export function connectPostgres(
  address: string,
  replicas: readonly string[],
  connections = USUAL_CONNECTIONS,
): Driver {
  const primary = openPool(address, connections)
  const behind = replicas.map(replica => openPool(replica, connections))
  return {
    ask: primary.ask,
    recent: behind.length === 0 ? () => primary.ask : inTurn(behind, primary),
    transaction: (work, { patient }) =>
      primary.use((client, broke) =>
        within(
          client,
          `BEGIN ISOLATION LEVEL READ COMMITTED${patient ? `; ${WITHOUT_LIMITS}` : ''}`,
          broke,
          () => work(asker(client, patient ? null : STATEMENT_WITHIN)),
        ),
      ),
    snapshot: work =>
      primary.use((client, broke) =>
        within(
          client,
          `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${WITHOUT_LIMITS}; ${ONE_SNAPSHOT}`,
          broke,
          () => work(passing(client)),
        ),
      ),
    impatient: (text, values) =>
      primary.use(async client => {
        await client.query(`SET lock_timeout = ${IMPATIENT_WITHIN}`)
        try {
          return await asker(client, STATEMENT_WITHIN)(text, values)
        } finally {
          await client.query(`SET lock_timeout = ${LOCK_WITHIN}`)
        }
      }),
    listen: listener(address, channel => primary.ask('SELECT pg_notify($1, $2)', [channel, ''])),
    async close() {
      await Promise.all([primary, ...behind].map(pool => pool.end()))
    },
  }
}

/** node-postgres leaves a connection open that failed as it began. */
class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    // The pool's own limit is for who waits until another is done.
    super({ ...config, connectionTimeoutMillis: CONNECT_WITHIN })
    // Without a listener, a connection that breaks while nobody asks it would end the process.
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

interface Pool {
  /** A read, asked again where the connection had gone stale, or one of a coordinator's to its workers. */
  readonly ask: Ask
  /** Lends a connection. It is thrown away where `work` says that it broke, or it is found to be. */
  use<T>(work: (client: pg.PoolClient, broke: () => void) => Promise<T>): Promise<T>
  end(): Promise<void>
}

function openPool(address: string, connections: number): Pool {
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
  pool.on('error', () => {})
  pool.on('connect', () => {
    held++
  })
  pool.on('remove', () => {
    held--
  })

  /** Where the server gives no more, one waits for those that there are; where there are none, for the server. */
  async function lend(): Promise<pg.PoolClient> {
    const until = performance.now() + PATIENCE
    for (;;) {
      if (performance.now() > narrowUntil) pool.options.max = connections
      try {
        return await pool.connect()
      } catch (error) {
        const isLate = held === 0 && performance.now() > until
        if (codeOf(error) !== TOO_MANY_CONNECTIONS || isLate) throw new DatabaseUnavailable(error)
        pool.options.max = Math.max(1, held)
        narrowUntil = performance.now() + NARROW
        if (held === 0) await delay(TRY_EVERY)
      }
    }
  }

  const use: Pool['use'] = async work => {
    const client = await lend()
    let broken = false
    try {
      return await work(client, () => {
        broken = true
      })
    } catch (error) {
      broken ||= isBroken(error)
      if (broken) throw unavailable(error)
      throw isAway(error) ? new Unavailable(`PostgreSQL says: ${wordsOf(error)}`, error) : error
    } finally {
      client.release(broken)
    }
  }

  async function ask(text: string, values: readonly unknown[]) {
    const once = () => use(client => asker(client, STATEMENT_WITHIN)(text, values))
    try {
      return await once()
    } catch (error) {
      const isStale =
        error instanceof Unavailable ||
        (error instanceof DatabaseUnavailable && error.code !== TOO_MANY_CONNECTIONS)
      if (!isStale || pool.ended) throw error
      return once()
    }
  }

  return { ask, use, end: () => pool.end() }
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

/** Whoever asks for TLS gets a server whose certificate is good; node-postgres does so, and warns that it may change. */
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
    // A connection that cannot even roll back is of no use to anyone.
    if (!isBroken(error)) await client.query('ROLLBACK').catch(broke)
    throw error
  }
}

/** The server ends a statement in time; our own limit is for a server that is gone without a word. */
function asker(client: pg.PoolClient, limit: number | null): Ask {
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
 * Within a transaction that only reads: gives up the locks a statement took. It locks each table it may look into, with
 * all its indexes, and of such locks the server has some thousands for everyone.
 */
function passing(client: pg.PoolClient): Ask {
  const ask = asker(client, null)
  return async (text, values) => {
    const [, rows] = await Promise.all([
      client.query('SAVEPOINT passing'),
      ask(text, values),
      client.query('ROLLBACK TO passing; RELEASE passing'),
    ])
    return rows
  }
}

/** Each read from one replica, in turn; where that fails it is left out for a while, and the primary goes on. */
function inTurn(replicas: readonly Pool[], primary: Pool): Driver['recent'] {
  const outUntil = new Map<Pool, number>()
  let turn = 0

  return () => {
    const there = replicas.filter(replica => (outUntil.get(replica) ?? 0) <= performance.now())
    let chosen = there[turn++ % there.length] ?? primary
    return async (text, values) => {
      if (chosen === primary) return primary.ask(text, values)
      try {
        return await chosen.ask(text, values)
      } catch (error) {
        // Too slow there would be too slow here.
        if (codeOf(error) === '57014') throw error
        outUntil.set(chosen, performance.now() + LEFT_OUT)
        chosen = primary
        return primary.ask(text, values)
      }
    }
  }
}

/** `call` notifies the channel: it hears only once it has heard, as behind a pooler it might never. */
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
        // What came before it listened was not heard.
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
