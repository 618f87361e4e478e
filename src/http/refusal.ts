// A refusal as an answer over HTTP, in the shape of a GraphQL answer, so that clients need only one way to
// read an error.

import { json, type Reply } from './exchange.ts'

export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    ...json(status, { errors: [{ message, extensions: { code } }] }, headers),
    codes: [code],
  }
}
