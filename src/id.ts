// IDs as Scaleway gives them: UUIDs, but for API keys, whose ID is their access key.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** In either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** An ID in the spelling it is kept in: UUIDs in lower case, others as they are. */
export function canonicalId(id: string): string {
  const lower = id.toLowerCase()
  return lower !== id && isUuid(lower) ? lower : id
}
