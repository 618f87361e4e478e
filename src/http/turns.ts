// The requests of one connection, one after the other, however many a client sends before it has an answer: what it
// sends ahead waits here, and holds up nobody else. Node hands over all that it reads at once.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** So many requests may wait on one connection; who sends more ahead is cut off. */
const MOST_WAITING = 100

interface Turn {
  readonly answer: ServerResponse
  serve(): void
}

export interface Turns {
  /** Serves it once all before it on the connection are answered; never where the connection ends before. */
  take(socket: Socket, turn: Turn): void
  /** By connection, the answer that is under way. */
  readonly current: ReadonlyMap<Socket, ServerResponse>
}

export function createTurns(): Turns {
  const current = new Map<Socket, ServerResponse>()
  const waiting = new Map<Socket, Turn[]>()

  function begin(socket: Socket, { answer, serve }: Turn): void {
    current.set(socket, answer)
    answer.once('close', () => {
      current.delete(socket)
      const next = waiting.get(socket)?.shift()
      if (next === undefined || !socket.writable) waiting.delete(socket)
      else begin(socket, next)
    })
    serve()
  }

  return {
    take(socket, turn) {
      // More may have been read than came before the connection was closed.
      if (!socket.writable) return
      if (!current.has(socket)) return begin(socket, turn)
      const others = waiting.get(socket)
      if (others === undefined) waiting.set(socket, [turn])
      else if (others.length < MOST_WAITING) others.push(turn)
      else socket.destroy()
    },
    current,
  }
}
