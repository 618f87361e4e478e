// Waiting while a file is opened, which is done without giving others a turn.

/** Holds up the thread. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
