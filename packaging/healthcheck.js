// The health check of a container: exits with 0 if the server that wrote IAM_LOGS_ADDRESS_FILE is ready. It does not know
// the options of the server, and loads none of the program's modules, because it runs often.

import { readFileSync } from 'node:fs'

try {
  const url = readFileSync(process.env.IAM_LOGS_ADDRESS_FILE ?? '', 'utf8').trim()
  const { ok } = await fetch(`${url}/health/ready`)
  process.exit(ok ? 0 : 1)
} catch {
  process.exit(1)
}
