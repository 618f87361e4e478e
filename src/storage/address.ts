// What the address of a database says, and how much of it may be told: that of a server may hold a password.

/** The file an address names; `null` for the address of a server. */
export function fileOf(address: string): string | null {
  if (/^file:/i.test(address)) return address.replace(/^file:(\/\/)?/i, '')
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? null : address
}

export function isPostgres(address: string): boolean {
  return /^postgres(ql)?:\/\//i.test(address)
}

/** An address as it may be told: of a server's, neither the password nor any setting. */
export function shownAddress(address: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(address) ?? []
  if (scheme === undefined || rest === undefined) return address
  const at = rest.lastIndexOf('@')
  const user = at < 0 ? '' : `${rest.slice(0, at).split(':')[0]}@`
  return `${scheme}${user}${rest.slice(at + 1).split('?')[0]}`
}
