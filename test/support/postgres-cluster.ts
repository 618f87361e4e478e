// A PostgreSQL of the test's own: a primary and a hot standby that follows it, as processes that can be killed,
// and a plain TCP balancer for whatever stands before them.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './ports.ts'

/** Where Debian puts the server's programs, those of the newest version; `null` where there is none. */
export const POSTGRES_BIN = newestBin('/usr/lib/postgresql')

export interface PostgresNode {
  readonly url: string
  /** As a power cut. */
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

/** The server refuses to run as root: then it runs as the user it was installed with. */
function asServer(program: string, args: readonly string[]): [string, string[]] {
  const path = join(POSTGRES_BIN ?? '', program)
  return process.getuid?.() === 0
    ? ['runuser', ['-u', 'postgres', '--', path, ...args]]
    : [path, [...args]]
}

async function run(program: string, ...args: string[]): Promise<void> {
  const child = spawn(...asServer(program, args), { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`)
}

/** One server, with settings of the test's own; `prepare` may put files into its folder before it starts. */
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

/** That the server may write into. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'iam-logs-cluster-'))
  if (process.getuid?.() === 0) chownSync(folder, serverUser(), 0)
  return folder
}

/** Of the user that the server runs as. */
export function serverUser(): number {
  if (process.getuid?.() !== 0) return process.getuid?.() ?? 0
  return Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout)
}

async function initialized(
  data: string,
  settings: Readonly<Record<string, string | number>> = {},
  prepare: (folder: string) => void = () => {},
): Promise<PostgresNode> {
  await run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync')
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
    // Without waiting for the log file to be read: the server's own words are of no interest here.
    start: () =>
      run('pg_ctl', '-D', data, '-w', '-l', join(data, 'log'), '-o', settings.join(' '), 'start'),
    kill: () => run('pg_ctl', '-D', data, '-m', 'immediate', 'stop'),
  }
}

export interface Balancer extends AsyncDisposable {
  readonly url: string
}

/** Each connection goes to the next backend in turn, or to the one after where that does not listen. */
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

/** Whether it was done. */
export async function settled(work: unknown): Promise<boolean> {
  try {
    await work
    return true
  } catch {
    return false
  }
}
