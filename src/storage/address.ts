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
  if (scheme === undefined || rest === undefined) return withoutPasswords(address)
  const [place = '', ...settings] = rest.split('?')
  // Either is a setting behind it, or a part of the password.
  if (settings.some(text => text.includes('@'))) return `${scheme}…`
  const at = place.lastIndexOf('@')
  const user = at < 0 ? '' : `${place.slice(0, at).split(':')[0]}@`
  return `${scheme}${user}${place.slice(at + 1)}`
}

/** With one slash or none it is a file's name to us, and yet was meant as a server's. */
const ADDRESS = /((?::\/{1,2}|postgres(?:ql)?:)[^\s:/@"]*:)[^\s/"]+@/gi

/** A text as it may be told: the passwords of the addresses in it are left out, also of one that is mistyped. */
export function withoutPasswords(text: string): string {
  return text.replace(ADDRESS, '$1…@')
}

/** Each password in the address of a server, as it is written there and as it is meant. */
export function passwordsIn(address: string): string[] {
  const written = [
    /:\/\/[^:@/?]*:([^?]*)@/.exec(address)?.[1],
    /[?&]password=([^&#]*)/.exec(address)?.[1]?.replaceAll('+', ' '),
    URL.parse(address)?.password,
  ].filter(text => text !== undefined && text !== '') as string[]
  return written.flatMap(text => [text, decoded(text), encodeURIComponent(decoded(text))])
}

/** A text with percent-encodings as it is meant. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
