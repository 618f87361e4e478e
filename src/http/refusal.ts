// A refusal as an answer over HTTP, in the shape of a GraphQL answer, so that clients need only one way to
// read an error.

export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { errors: [{ message, extensions: { code } }] },
    { status, headers: { 'cache-control': 'no-store', ...headers } },
  )
}
