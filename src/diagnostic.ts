// The result of a check by `iam-logs doctor`, for operators. It contains no secrets.

export interface Diagnostic {
  /** The name of the check, in one or two words. */
  readonly check: string
  /** `warning`: it works, but somebody should look; `fault`: something does not work. */
  readonly state: 'ok' | 'warning' | 'fault'
  readonly found: string
  /** What to do. Every warning and fault has one. */
  readonly remedy?: string
}

export function ok(check: string, found: string): Diagnostic {
  return { check, state: 'ok', found }
}

export function warning(check: string, found: string, remedy: string): Diagnostic {
  return { check, state: 'warning', found, remedy }
}

export function fault(check: string, found: string, remedy: string): Diagnostic {
  return { check, state: 'fault', found, remedy }
}

/** For example `1.5 GiB`, `12 MiB`. */
export function bytes(count: number): string {
  if (count >= 2 ** 30) return `${(count / 2 ** 30).toFixed(1)} GiB`
  return `${Math.round(count / 2 ** 20).toLocaleString('en')} MiB`
}

/**
 * The differences between two clocks, in milliseconds, at which a warning and a fault are reported: tokens expire at
 * the wrong time.
 */
const APART = 5_000
const FAR_APART = 60_000

/** `there` is the time of the other clock, read between `before` and `after` of ours; all in milliseconds. */
export function clockDiagnostic(
  whose: string,
  there: number,
  before: number,
  after: number,
): Diagnostic {
  const apart = there < before ? before - there : Math.max(0, there - after)
  const direction = there < before ? 'ahead of' : 'behind'
  const found =
    apart === 0
      ? `same as the clock of ${whose}`
      : `${(apart / 1000).toFixed(1)} s ${direction} the clock of ${whose}`
  if (apart <= APART) return ok('clock', found)
  const remedy = 'synchronize the clock of this machine by NTP (timedatectl set-ntp true)'
  return apart <= FAR_APART ? warning('clock', found, remedy) : fault('clock', found, remedy)
}
