// npm run bench -- NAME: runs one benchmark and prints its figures beside those to reach.

import { benchStorage } from './storage.ts'
import { benchSync } from './sync.ts'

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  storage: benchStorage,
  sync: benchSync,
}

const [name = 'storage', ...args] = process.argv.slice(2)
const bench = BENCHES[name]
if (bench === undefined) {
  process.stderr.write(
    `there is no benchmark "${name}"; there is: ${Object.keys(BENCHES).join(', ')}\n`,
  )
  process.exitCode = 2
} else {
  await bench(args)
}
