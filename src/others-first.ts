// Turns for work that can wait. Node does all that was put off in one go, so that many who each stand back for a
// moment would together hold up everyone as long as if none did.

/** What somebody waits for now, and what goes on for as long as it is listened to. */
export type Line = 'answers' | 'streams'

const waiting: Record<Line, (() => void)[]> = { answers: [], streams: [] }
let isTold = false

/**
 * Resolves when everyone else had a turn: what came in is looked at first, and of all who wait in a line one goes on,
 * in their order.
 */
export function othersFirst(line: Line): Promise<void> {
  return new Promise(resolve => {
    waiting[line].push(resolve)
    if (isTold) return
    isTold = true
    setImmediate(goOn)
  })
}

function goOn(): void {
  waiting.answers.shift()?.()
  waiting.streams.shift()?.()
  isTold = waiting.answers.length > 0 || waiting.streams.length > 0
  if (isTold) setImmediate(goOn)
}
