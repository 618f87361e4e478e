// npm run bench -- NAME: runs one benchmark, and prints its results with their goals.

import { benchGrowth } from './growth.ts'
import { benchIngest } from './ingest.ts'
import { benchPeers } from './peers.ts'
import { benchPostgres } from './postgres.ts'
import { benchStorage } from './storage.ts'
import { benchSync } from './sync.ts'
import { benchWorkers } from './workers.ts'

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  ingest: benchIngest,
  growth: benchGrowth,
  peers: benchPeers,
  postgres: benchPostgres,
  storage: benchStorage,
  sync: benchSync,
  workers: benchWorkers,
}

const given = process.argv.slice(2)
const [name = 'peers', ...args] = given[0]?.startsWith('--') ? ['peers', ...given] : given
const bench = BENCHES[name]
if (bench === undefined) {
  process.stderr.write(
    `there is no benchmark "${name}"; choose from: ${Object.keys(BENCHES).join(', ')}\n`,
  )
  process.exitCode = 2
} else {
  await bench(args)
}
