// This program as users install it: packed by npm and unpacked in a node_modules outside the clone, with links to the
// packages that its lockfile requires. The result is that of npm, without a registry.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CLONE = fileURLToPath(new URL('../..', import.meta.url))

export interface Installed {
  /** The folder with node_modules; the caller removes it. */
  readonly path: string
  /** The command's file, as a link in node_modules/.bin. */
  readonly command: string
  /** The paths of all files in the package. */
  readonly files: readonly string[]
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: true }>>
}

export function installPacked(): Installed {
  const path = mkdtempSync(join(tmpdir(), 'iam-logs-installed-'))
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: CLONE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const packed = JSON.parse(npm('pack', '--json', '--silent', '--pack-destination', path))
  const [{ filename, files }] = packed as [{ filename: string; files: { path: string }[] }]
  const modules = join(path, 'node_modules')
  const own = join(modules, 'iam-logs-gateway')
  mkdirSync(own, { recursive: true })
  execFileSync('tar', ['-xzf', join(path, filename), '-C', own, '--strip-components', '1'])
  for (const name of needed()) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(CLONE, 'node_modules', name), join(modules, name))
  }
  const { bin } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'))
  mkdirSync(join(modules, '.bin'))
  const command = join(modules, '.bin', 'iam-logs')
  symlinkSync(join(own, bin['iam-logs']), command)
  return { path, command, files: files.map(({ path }) => path) }
}

/** The packages that are installed without those for development. */
function needed(): string[] {
  const { packages }: Lock = JSON.parse(readFileSync(join(CLONE, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1])
    .filter(name => name !== undefined)
}
