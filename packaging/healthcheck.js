// Ends with 0 where the server that wrote IAM_LOGS_ADDRESS_FILE is ready: a container's health check, which cannot know
// with which options the server was begun. Loads nothing of the program, as it is asked often.

import { readFileSync } from 'node:fs'

try {
  const url = readFileSync(process.env.IAM_LOGS_ADDRESS_FILE ?? '', 'utf8').trim()
  const { ok } = await fetch(`${url}/health/ready`)
  process.exit(ok ? 0 : 1)
} catch {
  process.exit(1)
}
