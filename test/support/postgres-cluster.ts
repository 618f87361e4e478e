// PostgreSQL servers of a test: a primary and a hot standby as processes that can be killed, and a TCP load balancer for
// servers in front of them.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './ports.ts'

/** The folder of the newest server's programs in Debian; `null` if there is none. */
export const POSTGRES_BIN = newestBin('/usr/lib/postgresql')

export interface PostgresNode {
  readonly url: string
  /** Stops it immediately, as a power cut does. */
  kill(): Promise<void>
  start(): Promise<void>
}

export interface PostgresCluster extends AsyncDisposable {
  readonly primary: PostgresNode
  readonly standby: PostgresNode
}

function newestBin(folder: string): string | null {
  if (!existsSync(folder)) return null
  const versions = readdirSync(folder).map(Number).filter(Number.isFinite)
  return versions.length === 0 ? null : join(folder, String(Math.max(...versions)), 'bin')
}

/** The server refuses to run as root; then it runs as the user `postgres`. */
function asServer(program: string, args: readonly string[]): [string, string[]] {
  const path = join(POSTGRES_BIN ?? '', program)
  return process.getuid?.() === 0
    ? ['runuser', ['-u', 'postgres', '--', path, ...args]]
    : [path, [...args]]
}

async function run(program: string, ...args: string[]): Promise<void> {
  const child = spawn(...asServer(program, args), { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    errors += text
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors}`)
}

/** Starts one server with these settings; `prepare` may write files into its folder before. */
export async function startPostgres(
  settings: Readonly<Record<string, string | number>> = {},
  prepare: (folder: string) => void = () => {},
): Promise<PostgresNode & AsyncDisposable> {
  const folder = makeFolder()
  const server = await initialized(join(folder, 'data'), settings, prepare)
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function startPostgresCluster(): Promise<PostgresCluster> {
  const folder = makeFolder()
  const second = join(folder, 'standby')
  const primary = await initialized(join(folder, 'primary'))
  const { port } = new URL(primary.url)
  await run(
    'pg_basebackup',
    ...['-h', '127.0.0.1', '-p', port, '-U', 'postgres'],
    ...['-D', second, '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync'],
  )
  const standby = node(second, await freePort())
  await standby.start()
  return {
    primary,
    standby,
    async [Symbol.asyncDispose]() {
      await standby.kill()
      await primary.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A folder that the server may write to. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'iam-logs-cluster-'))
  if (process.getuid?.() === 0) chownSync(folder, serverUser(), 0)
  return folder
}

/** The ID of the user that the server runs as. */
export function serverUser(): number {
  if (process.getuid?.() !== 0) return process.getuid?.() ?? 0
  return Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout)
}

async function initialized(
  data: string,
  settings: Readonly<Record<string, string | number>> = {},
  prepare: (folder: string) => void = () => {},
): Promise<PostgresNode> {
  // The encoding would otherwise depend on the locale of the machine.
  await run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-sync')
  prepare(data)
  const made = node(data, await freePort(), settings)
  await made.start()
  return made
}

function node(
  data: string,
  port: number,
  more: Readonly<Record<string, string | number>> = {},
): PostgresNode {
  const settings = Object.entries({
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_level: 'replica',
    ...more,
  }).map(([name, value]) => `-c ${name}=${value}`)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    // The log goes to a file, so that it need not be read.
    start: () =>
      run('pg_ctl', '-D', data, '-w', '-l', join(data, 'log'), '-o', settings.join(' '), 'start'),
    kill: () => run('pg_ctl', '-D', data, '-m', 'immediate', 'stop'),
  }
}

export interface Balancer extends AsyncDisposable {
  readonly url: string
}

/** Each connection goes to the next backend in turn, or to the one after it if that does not listen. */
export async function startBalancer(backends: () => readonly string[]): Promise<Balancer> {
  let turn = 0
  const open = new Set<Socket>()

  function route(client: Socket, left: readonly string[]): void {
    const [target, ...others] = left
    if (target === undefined) {
      client.destroy()
      return
    }
    const { hostname, port } = new URL(target)
    const backend = connect(Number(port), hostname)
    open.add(backend)
    backend.once('connect', () => {
      backend.removeAllListeners('error')
      for (const [one, other] of [
        [client, backend],
        [backend, client],
      ] as const) {
        one.on('error', () => other.destroy())
        one.on('close', () => other.destroy())
        one.pipe(other)
      }
    })
    backend.once('error', () => route(client, others))
    backend.once('close', () => open.delete(backend))
  }

  const server = createServer(client => {
    open.add(client)
    client.on('error', () => {})
    client.once('close', () => open.delete(client))
    const all = backends()
    turn++
    route(
      client,
      all.map((_, at) => all[(turn + at) % all.length] ?? ''),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Whether the work succeeded. */
export async function settled(work: unknown): Promise<boolean> {
  try {
    await work
    return true
  } catch {
    return false
  }
}
