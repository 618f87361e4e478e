// The list that is on the page, for who shows one of its events with its neighbours.

import { signal } from '@preact/signals'
import type { Pages } from './pages.ts'

/** `null` where there is none. */
export const shown = signal<Pages | null>(null)
