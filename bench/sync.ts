// Compares `iam-logs sync` with a client that only reads the same pages: `npm run bench -- sync [--events N]
// [--latency MS]`. Both read from the same fake Scaleway, which runs in its own process.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ORGANIZATION } from '../test/support/events.ts'
import { ACCESS_KEY, SECRET_KEY } from '../test/support/scaleway.ts'

const ENTRY = fileURLToPath(new URL('../src/cli/iam-logs.js', import.meta.url))
const FAKE = fileURLToPath(new URL('./fake-scaleway.ts', import.meta.url))
const PAGE = 100
/** After so many pages a reader starts again after the last date, because Scaleway's offsets end at 10,000. */
const PAGES = 100

export async function benchSync(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '1000000' },
      latency: { type: 'string', default: '0' },
    },
  })
  const { events, latency } = values
  const fake = spawn(process.execPath, [FAKE, '--events', events, '--latency', latency], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [url] = (await once(createInterface(fake.stdout), 'line')) as [string]
    const before = await readRate(url, Number(events))
    const { rate, peak, middle } = await syncRate(url, Number(events))
    const after = await readRate(url, Number(events))
    const served = (before + after) / 2
    process.stdout.write(
      `${Number(events).toLocaleString('en')} events, ${latency} ms of latency\n` +
        `only reading, page by page         ${thousands(served)} events/s\n` +
        `iam-logs sync                      ${thousands(rate)} events/s, ${(rate / served).toFixed(2)} of that (goal 0.80)\n` +
        `memory of iam-logs sync            ${middle.toFixed(0)} MB half-way, peak ${peak.toFixed(0)} MB\n`,
    )
  } finally {
    fake.kill()
    await once(fake, 'exit')
  }
}

/** The number of events per second that a client reads and discards. */
async function readRate(url: string, events: number): Promise<number> {
  const list = `${url}/iam/v1alpha1/logs?organization_id=${ORGANIZATION}&page_size=${PAGE}`
  const wanted = Math.min(events, 200_000)
  const startedAt = performance.now()
  let read = 0
  for (let after = ''; read < wanted; ) {
    for (let page = 1; page <= PAGES && read < wanted; page++) {
      const since = after === '' ? '' : `&created_after=${after}`
      const response = await fetch(`${list}${since}&page=${page}`, {
        headers: { 'x-auth-token': SECRET_KEY },
      })
      const { logs } = (await response.json()) as { logs: { created_at: string }[] }
      read += logs.length
      if (page === PAGES) after = logs.at(-1)?.created_at ?? ''
    }
  }
  return (read / (performance.now() - startedAt)) * 1000
}

async function syncRate(url: string, events: number) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const startedAt = performance.now()
    const sync = spawn(process.execPath, [ENTRY, 'sync'], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        SCW_ACCESS_KEY: ACCESS_KEY,
        SCW_SECRET_KEY: SECRET_KEY,
        SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
        SCW_API_URL: url,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const memory: number[] = []
    createInterface(sync.stderr).on('line', () => memory.push(residentMegabytes(sync.pid ?? 0)))
    const [code] = await once(sync, 'exit')
    if (code !== 0) throw new Error(`sync ended with ${code}`)
    return {
      rate: (events / (performance.now() - startedAt)) * 1000,
      peak: Math.max(...memory),
      middle: memory[memory.length >> 1] ?? 0,
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** NaN if the system has no /proc. */
function residentMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

function thousands(number: number): string {
  return Math.round(number).toLocaleString('en')
}
