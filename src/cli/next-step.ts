// What is told at the end of a command for a person to open or to type next: it works as it is printed.

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'

interface Listening {
  /** Into which the server writes where it can be reached. */
  readonly addressFile: string | null
  readonly host: string
  readonly port: number
}

/** Where the server says that it is, or else where it would be by the settings. Without a slash at the end. */
export function serverAddress({ addressFile, host, port }: Listening): string {
  const said =
    addressFile !== null && existsSync(addressFile) ? readFileSync(addressFile, 'utf8').trim() : ''
  const at = said === '' ? `http://${host.includes(':') ? `[${host}]` : host}:${port}` : said
  return at.replace(/^http:\/\/(0\.0\.0\.0|\[::\]):/, 'http://localhost:')
}

/** The Logs page, signed in: nothing behind `#` is sent to a server. */
export function logsLink(address: string, secret: string): string {
  return `${address}/#token=${secret}`
}

/** How this program is run here: by npm, by its name, or by its file. `paths` is where a shell looks for programs. */
export function commandHere(byNpm: boolean, paths: string): string {
  if (byNpm) return 'npx iam-logs'
  const [, entry = ''] = process.argv
  const isEntry = (file: string) => existsSync(file) && realpathSync(file) === realpathSync(entry)
  return paths.split(delimiter).some(folder => isEntry(join(folder, 'iam-logs')))
    ? 'iam-logs'
    : `node ${shellWord(relative(process.cwd(), entry) || entry)}`
}

/** As one word of a command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
