// Scaleway's IDs: UUIDs, except for API keys, whose ID is their access key.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Upper or lower case. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** The stored form of an ID: UUIDs in lower case, others unchanged. */
export function canonicalId(id: string): string {
  const lower = id.toLowerCase()
  return lower !== id && isUuid(lower) ? lower : id
}
