// Reads database addresses and redacts them for display: the address of a server may contain a password.

/** The path of the file; `null` for the address of a server. */
export function fileOf(address: string): string | null {
  if (/^file:/i.test(address)) return address.replace(/^file:(\/\/)?/i, '')
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? null : address
}

export function isPostgres(address: string): boolean {
  return /^postgres(ql)?:\/\//i.test(address)
}

/** An address that is safe to display: that of a server without its password and query parameters. */
export function shownAddress(address: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(address) ?? []
  if (scheme === undefined || rest === undefined) return withoutPasswords(address)
  const [place = '', ...settings] = rest.split('?')
  // The text after `?` may be query parameters or part of the password: hide everything.
  if (settings.some(text => text.includes('@'))) return `${scheme}…`
  const at = place.lastIndexOf('@')
  const user = at < 0 ? '' : `${place.slice(0, at).split(':')[0]}@`
  return `${scheme}${user}${place.slice(at + 1)}`
}

/** Also matches a server's address mistyped with one slash or none, which is otherwise treated as a file name. */
const ADDRESS = /((?::\/{1,2}|postgres(?:ql)?:)[^\s:/@"]*:)[^\s/"]+@/gi

/** Redacts the passwords of all addresses in a text, also of mistyped ones. */
export function withoutPasswords(text: string): string {
  return text.replace(ADDRESS, '$1…@')
}

/** The passwords in the address of a server: as written, decoded, and percent-encoded. */
export function passwordsIn(address: string): string[] {
  const written = [
    /:\/\/[^:@/?]*:([^?]*)@/.exec(address)?.[1],
    /[?&]password=([^&#]*)/.exec(address)?.[1]?.replaceAll('+', ' '),
    URL.parse(address)?.password,
  ].filter(text => text !== undefined && text !== '') as string[]
  return written.flatMap(text => [text, decoded(text), encodeURIComponent(decoded(text))])
}

/** Decodes percent-encoding; malformed text is returned unchanged. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
