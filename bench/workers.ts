// The gain of a second worker: `npm run bench -- workers [--rounds N] [--seconds N] [--database FILE]`. Also prints the
// gain of a second process that shares nothing, which is the limit on this machine: the client needs a processor, too,
// and two virtual processors may share one core.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Load } from './load.ts'
import { QUERY } from './page.ts'
import { median, prepare } from './peers.ts'

const HERE = import.meta.dirname
const GOAL = 1.8

export async function benchWorkers(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      database: { type: 'string' },
    },
  })
  const folder = values.database === undefined ? mkdtempSync(join(tmpdir(), 'bench-')) : null
  const file = values.database ?? join(folder ?? '', 'bench.db')
  try {
    const { token, organization } = await prepare(file, 200_000)
    const body = JSON.stringify({ query: QUERY, variables: { organization } })
    const loops: number[] = []
    const served: number[] = []
    for (let round = 0; round < Number(values.rounds); round++) {
      const seconds = Number(values.seconds)
      const [one, two] = [await loop(1, seconds), await loop(2, seconds)]
      loops.push(two / one)
      const rates: number[] = []
      for (const workers of [1, 2]) rates.push(await rateOf(workers, file, token, body, seconds))
      const [single = 0, double = 0] = rates
      served.push(double / single)
      process.stdout.write(
        `round ${round + 1}: ${single.toFixed(0)} and ${double.toFixed(0)} requests per second, ${(double / single).toFixed(2)} x; loops ${(two / one).toFixed(2)} x\n`,
      )
    }
    const gain = median(served)
    process.stdout.write(
      `${gain >= GOAL ? '  ' : '✗ '}two workers: ${gain.toFixed(2)} x one (goal ${GOAL}); two loops that share nothing: ${median(loops).toFixed(2)} x one\n`,
    )
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true })
  }
}

/** The iterations of a loop that these processes complete together in this time. */
async function loop(processes: number, seconds: number): Promise<number> {
  const code = `let n = 0; const end = Date.now() + ${seconds * 1000}
    while (Date.now() < end) for (let i = 0; i < 1e6; i++) n++
    console.log(n)`
  const counts = await Promise.all(
    Array.from({ length: processes }, async () => {
      let text = ''
      const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
      for await (const chunk of child.stdout) text += chunk
      return Number(text)
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

async function rateOf(
  workers: number,
  file: string,
  token: string,
  body: string,
  seconds: number,
): Promise<number> {
  const command = join(HERE, '../src/cli/iam-logs.js')
  const server = spawn(
    process.execPath,
    [command, 'serve', '--port', '0', '--no-sample', '--no-sync', '--database', file],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        IAM_LOGS_LOG_LEVEL: 'fatal',
        IAM_LOGS_WORKERS: String(workers),
        IAM_LOGS_RATE: '0',
      },
    },
  )
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    const url = `${/http:\/\/[^\s;]+/.exec(line)?.[0]}/graphql`
    await ask(url, token, body, 1)
    const { answers, seconds: took } = await ask(url, token, body, seconds)
    return answers / took
  } finally {
    server.kill()
    await once(server, 'exit')
  }
}

async function ask(url: string, token: string, body: string, seconds: number): Promise<Load> {
  const given = { url, token, body, seconds: String(seconds), connections: '32' }
  const args = Object.entries(given).map(([name, value]) => `--${name}=${value}`)
  const client = spawn(process.execPath, [join(HERE, 'load.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of client.stdout) text += chunk
  return JSON.parse(text)
}
