// The links and command lines that commands print for the user: each works exactly as printed.

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'

interface Listening {
  /** The file to which the server writes its address. */
  readonly addressFile: string | null
  readonly host: string
  readonly port: number
}

/** The address that the server wrote, or else the one from the settings. Without a slash at the end. */
export function serverAddress({ addressFile, host, port }: Listening): string {
  const written =
    addressFile !== null && existsSync(addressFile) ? readFileSync(addressFile, 'utf8').trim() : ''
  const configured = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  return (written || configured).replace(/^http:\/\/(0\.0\.0\.0|\[::\]):/, 'http://localhost:')
}

/** The Logs page, signed in. The part after `#` is not sent to any server. */
export function logsLink(address: string, secret: string): string {
  return `${address}/#token=${secret}`
}

/** How this program is run here: by npm, by name, or by its file. `paths` is the `PATH` of the shell. */
export function commandHere(byNpm: boolean, paths: string): string {
  if (byNpm) return 'npx iam-logs'
  const [, entry = ''] = process.argv
  const isEntry = (file: string) => existsSync(file) && realpathSync(file) === realpathSync(entry)
  return paths.split(delimiter).some(folder => isEntry(join(folder, 'iam-logs')))
    ? 'iam-logs'
    : `node ${shellWord(relative(process.cwd(), entry) || entry)}`
}

/** Quoted for a shell where needed. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
