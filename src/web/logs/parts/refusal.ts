// Why the server refused a request, in the page's own words: its messages are for developers, and in English.

import { type Code, Refused } from '../api/ask.ts'
import { view } from '../view/page-address.ts'
import { words as common } from './parts.words.ts'
import { isAddress } from './texts.ts'

/** `null` if there is no error. `own`: more exact words for this request. */
export function refusalOf(
  error: Error | null,
  own: { readonly [code in Code]?: string } = {},
): string | null {
  if (error === null) return null
  const code = error instanceof Refused ? error.code : 'INTERNAL_SERVER_ERROR'
  const said = own[code]
  if (said !== undefined) return said
  const general = common.refusals[code] ?? common.refusals.INTERNAL_SERVER_ERROR
  const { ipAddresses, notIpAddresses } = view.value
  const wrong = [...ipAddresses, ...notIpAddresses].find(address => !isAddress(address))
  return code === 'BAD_USER_INPUT' && wrong !== undefined
    ? `${general} ${common.wrongAddress(wrong)}`
    : general
}
