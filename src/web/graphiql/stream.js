// The answer to a subscription, as the server sends it: server-sent events, of which each `next` holds one
// result. What GraphiQL calls to stop it has to end the request; waiting for the next event would take for ever.

export function isStream(response) {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true
}

/** `ending` aborts the request; `look` sees each result first. Never rejects: a lost connection is a result. */
export function resultsIn(body, ending, look) {
  const results = read(body, ending.signal)
  return {
    async next() {
      const { done, value } = await results.next()
      if (!done) look(value)
      return { done, value }
    },
    async return() {
      ending.abort()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* read(body, stopped) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const events = (text + value).split('\n\n')
      text = events.pop()
      for (const event of events) {
        const { type, data } = fieldsOf(event)
        if (type === 'complete') return
        if (type === 'next') yield JSON.parse(data)
      }
    }
  } catch {
    // Told below.
  }
  if (stopped.aborted) return
  const message = 'The connection was lost. Run the operation again to go on.'
  yield { errors: [{ message }] }
}

function fieldsOf(event) {
  const lines = event.split('\n')
  const field = name =>
    lines
      .find(line => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  return { type: field('event'), data: field('data') }
}
