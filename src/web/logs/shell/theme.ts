// Light or dark: as the viewer's system, unless the viewer chooses.

import { effect } from '@preact/signals'
import { kept } from '../kept.ts'

export const THEMES = ['system', 'light', 'dark'] as const

type Theme = (typeof THEMES)[number]

export const theme = kept<Theme>('theme', THEMES, 'system')

effect(() => {
  document.documentElement.dataset.theme = theme.value
})
