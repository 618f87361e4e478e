// Connections to a PostgreSQL server by node-postgres: a pool to the primary, one to each replica, and one
// connection that listens. Every wait has an end; a connection that breaks is replaced by the next who needs
// one; and no message holds the address, which holds the password.

import pg from 'pg'
import type { Listening, PostgresDatabase, Readable, Session, Snapshot } from './database.ts'
import { codeOf } from './database.ts'
import { type Bindable, type Sql, sql } from './sql.ts'

/** A connection that could not be made, or broke. */
export class DatabaseUnavailable extends Error {
  readonly code: string

  constructor(cause: unknown) {
    const said =
      cause instanceof pg.DatabaseError ? 'PostgreSQL says' : 'the database does not answer'
    super(`${said}: ${wordsOf(cause)}`)
    this.name = 'DatabaseUnavailable'
    this.code = codeOf(cause) || 'DATABASE_UNAVAILABLE'
  }
}

/** Of a pool. Processes multiply it: PostgreSQL has 100 connections unless it is told otherwise. */
const MOST_CONNECTIONS = 10

/** All in milliseconds. */
const CONNECT_WITHIN = 5_000
const STATEMENT_WITHIN = 30_000
const LOCK_WITHIN = 20_000
const REWRITE_WITHIN = 1_000
const IDLE_IN_TRANSACTION = 60_000
const IDLE = 60_000
const RECONNECT_AFTER = 500
const RECONNECT_AT_LATEST = 30_000
/** A replica that failed is asked again after so long. */
const LEFT_OUT = 10_000

/** Compiling costs more than it gains where statements take milliseconds. */
const SETTINGS = `SET jit = off; SET statement_timeout = ${STATEMENT_WITHIN};
  SET lock_timeout = ${LOCK_WITHIN}; SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION}`

const INT8 = 20

const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')
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
export function connectPostgres(address: string, replicas: readonly string[]): PostgresDatabase {
  const primary = openPool(address)
  const behind = replicas.map(openPool)

  return {
    ...primary.readable,
    behind: behind.length === 0 ? primary.readable : spread(behind, primary),
    run: sql => primary.use(client => run(client, sql)),
    transaction: (work, { patient = false } = {}) =>
      primary.use(async (client, broke) => {
        const limit = patient ? 0 : STATEMENT_WITHIN
        const begin = patient
          ? 'BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0'
          : 'BEGIN'
        return within(client, begin, limit, broke, work)
      }),
    together: statements =>
      primary.use(async (client, broke) => {
        const limit = STATEMENT_WITHIN * statements.length
        const answers = [
          client.query('BEGIN'),
          ...statements.map(statement => rows(client, statement, limit)),
          client.query('COMMIT'),
        ]
        const settled = await Promise.allSettled(answers)
        const failed = settled.filter(({ status }) => status === 'rejected')[0]
        // A COMMIT of what failed has rolled it back; where it was not answered either, nobody knows.
        if (settled.at(-1)?.status === 'rejected') broke()
        if (failed?.status === 'rejected') throw failed.reason
        return Promise.all(answers.slice(1, -1)) as Promise<unknown[][][]>
      }),
    rewrite: table =>
      primary.use(async client => {
        // While it waits for those who read the table, others wait for it.
        await client.query(`SET lock_timeout = ${REWRITE_WITHIN}`)
        try {
          await run(client, sql`VACUUM (FULL) ${table}`)
        } finally {
          await client.query(`SET lock_timeout = ${LOCK_WITHIN}`)
        }
      }),
    listen: (channel, heard) =>
      listen(address, channel, heard, () =>
        primary.readable.rows(sql`SELECT pg_notify(${channel}, '')`),
      ),
    async close() {
      await Promise.all([primary, ...behind].map(pool => pool.end()))
    },
  }
}

/** node-postgres leaves a connection open that failed as it began. */
class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
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
  readonly readable: Readable
  /** Lends a connection. It is thrown away where `work` says that it broke, or it is found to be. */
  use<T>(work: (client: pg.PoolClient, broke: () => void) => Promise<T>): Promise<T>
  end(): Promise<void>
}

function openPool(address: string): Pool {
  const pool = new pg.Pool({
    ...connection(address),
    Client,
    max: MOST_CONNECTIONS,
    pipeline: true,
    idleTimeoutMillis: IDLE,
    onConnect: async client => {
      await client.query(SETTINGS)
    },
  })
  pool.on('error', () => {})

  async function lend(): Promise<pg.PoolClient> {
    try {
      return await pool.connect()
    } catch (error) {
      throw new DatabaseUnavailable(error)
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
      if (!isBroken(error)) throw error
      broken = true
      throw error instanceof DatabaseUnavailable ? error : new DatabaseUnavailable(error)
    } finally {
      client.release(broken)
    }
  }

  /** What only reads can be asked again where the connection had gone stale. */
  async function twice<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || pool.ended) throw error
      return work()
    }
  }

  return {
    use,
    readable: {
      rows: <Row extends unknown[]>(sql: Sql) =>
        twice(() => use(client => rows<Row>(client, sql, STATEMENT_WITHIN))),
      snapshot: work =>
        twice(() =>
          use((client, broke) =>
            within(
              client,
              'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
              STATEMENT_WITHIN,
              broke,
              work,
            ),
          ),
        ),
    },
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

/** Whoever asks for TLS gets a server whose certificate is good; node-postgres does so, and warns that it may change. */
function withCheckedCertificate(address: string): string {
  return address.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full')
}

async function within<T>(
  client: pg.PoolClient,
  begin: string,
  limit: number,
  broke: () => void,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await client.query(begin)
  try {
    const done = await work({
      rows: sql => rows(client, sql, limit),
      run: sql => run(client, sql, limit),
      async passing<Row extends unknown[]>(sql: Sql) {
        const [, found] = await Promise.all([
          client.query('SAVEPOINT passing'),
          rows<Row>(client, sql, limit),
          client.query('ROLLBACK TO passing; RELEASE passing'),
        ])
        return found
      },
    })
    await client.query('COMMIT')
    return done
  } catch (error) {
    // A connection that cannot even roll back is of no use to anyone.
    if (!isBroken(error)) await client.query('ROLLBACK').catch(broke)
    throw error
  }
}

async function rows<Row extends unknown[]>(
  client: pg.PoolClient,
  sql: Sql,
  limit: number,
): Promise<Row[]> {
  const { text, values } = sql.query()
  const result = await client.query<Row>({
    ...timed(limit),
    text,
    values: values.map(bound),
    rowMode: 'array',
    types,
  })
  return result.rows
}

async function run(client: pg.PoolClient, sql: Sql, limit = STATEMENT_WITHIN): Promise<number> {
  const { text, values } = sql.query()
  const result = await client.query({ ...timed(limit), text, values: values.map(bound) })
  return result.rowCount ?? 0
}

/** A list as PostgreSQL writes arrays; node-postgres would take a few times longer, for lists of any depth. */
function bound(value: Bindable): unknown {
  if (!Array.isArray(value)) return value
  let text = '{'
  for (let at = 0; at < value.length; at++) text += (at === 0 ? '' : ',') + element(value[at])
  return `${text}}`
}

function element(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value)
  if (PLAIN.test(value) && (value.length !== 4 || value.toLowerCase() !== 'null')) return value
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

const PLAIN = /^[\w.:/-]+$/

/** The server ends a statement in time; this is for a server that is gone without a word. */
function timed(limit: number): { query_timeout?: number } {
  return limit === 0 ? {} : { query_timeout: limit + 5_000 }
}

/** Anything but a complaint of PostgreSQL's about a statement. */
function isBroken(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true
  if (!(error instanceof pg.DatabaseError)) return isSystems(error)
  return /^(08|57P0)/.test(error.code ?? '') || error.severity === 'FATAL'
}

/** What node-postgres and Node itself throw for connections; an error of ours is none. */
function isSystems(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (
    'syscall' in error ||
    /^(Connection terminated|Query read timeout|Client (was closed|has encountered)|timeout)/.test(
      error.message,
    )
  )
}

/** One line; where a name has several addresses, the first complaint. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0])
  const words = error instanceof Error ? error.message : String(error)
  if (/^SASL: .*client password must be/.test(words))
    return 'it asks for a password, and none is given'
  return words.trim().replace(/\s*\n\s*/g, ' ')
}

/** In turn from each replica; one that fails is left out for a while, and where all do, the primary answers. */
function spread(replicas: readonly Pool[], primary: Pool): Readable {
  const outUntil = new Map<Pool, number>()
  let turn = 0

  async function ask<T>(work: (readable: Readable) => Promise<T>): Promise<T> {
    turn++
    for (let at = 0; at < replicas.length; at++) {
      const replica = replicas[(turn + at) % replicas.length]
      if (replica === undefined || (outUntil.get(replica) ?? 0) > Date.now()) continue
      try {
        return await work(replica.readable)
      } catch (error) {
        // Too slow there would be too slow here.
        if (codeOf(error) === '57014') throw error
        outUntil.set(replica, Date.now() + LEFT_OUT)
      }
    }
    return work(primary.readable)
  }

  return {
    rows: <Row extends unknown[]>(sql: Sql) => ask(readable => readable.rows<Row>(sql)),
    snapshot: <T>(work: (reads: Snapshot) => Promise<T>) =>
      ask(readable => readable.snapshot(work)),
  }
}

/** `call` notifies the channel: it hears only once it has heard, as behind a pooler it might never. */
function listen(
  address: string,
  channel: string,
  heard: () => void,
  call: () => Promise<unknown>,
): Listening {
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
      await call().catch(() => {})
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
