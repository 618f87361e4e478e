// Which IDs PostgreSQL can hold and give back as they are: as uuid, and as text.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUID in the spelling it comes back in: in any other, it would be found by an ID it does not have. */
export function isPlainId(id: string): boolean {
  return UUID.test(id)
}
