// Texts of the Logs page: how typed search text is understood, how user agents are shortened, and that all texts exist in
// both languages.

import { readdirSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { filterFromTexts } from '../src/schema/filter-text.ts'
import { asFilter, clientOf } from '../src/web/logs/parts/client-name.ts'
import { typedAs } from '../src/web/logs/parts/texts.ts'

import { EVERYTHING, type ListName, placed } from '../src/web/logs/view/view.ts'
import { uuid } from './support/events.ts'

const KEY = 'SCWAAAAAAAAAAAAAAAAA'

describe('the search box', () => {
  test.each([
    ['192.0.2.1', ['192.0.2.1']],
    [' 192.0.2.0/24 ', ['192.0.2.0/24']],
    ['0.0.0.0/0', ['0.0.0.0/0']],
    ['2001:db8::1', ['2001:db8::1']],
    ['::ffff:192.0.2.1', ['::ffff:192.0.2.1']],
    ['2001:DB8::/32', ['2001:DB8::/32']],
    ['::', ['::']],
    ['::1/128;192.0.2.1, ::1 192.0.2.1', ['::1/128', '192.0.2.1', '::1']],
  ])('takes "%s" as IP addresses, which the graph accepts', (text, values) => {
    expect(typedAs(text)).toEqual({ kind: 'addresses', values })
    expect(filterFromTexts({ ipAddresses: values }).addresses).toHaveLength(values.length)
  })

  test.each([
    ['300.1.2.3', '300.1.2.3'],
    ['192.0.2.1 192.0.2.256', '192.0.2.256'],
    ['010.1.2.3', '010.1.2.3'],
    ['192.0.2.0/33', '192.0.2.0/33'],
    ['192.0.2.0/', '192.0.2.0/'],
    ['192.0.2.0/24/8', '192.0.2.0/24/8'],
    ['192.0/16', '192.0/16'],
    ['2001:db8::g', '2001:db8::g'],
    ['2001:db8::/129', '2001:db8::/129'],
    ['1:2:3', '1:2:3'],
    ['::1::', '::1::'],
  ])('takes "%s" as invalid, as the graph refuses "%s"', (text, word) => {
    expect(typedAs(text)).toEqual({ kind: 'wrong', word })
    expect(() => filterFromTexts({ ipAddresses: [word] })).toThrow('neither an address nor a CIDR')
  })

  test.each([
    [`${uuid(1)}, ${KEY};\n${uuid(2)} ${KEY}`, [uuid(1), KEY, uuid(2)]],
    [`${uuid(1).toUpperCase()} ${KEY}`, [uuid(1).toUpperCase(), KEY]],
  ])('takes "%s" as IDs', (text, values) => {
    expect(typedAs(text)).toEqual({ kind: 'ids', values })
  })

  test.each([
    'Théo',
    ' curl/8.0',
    '8.0',
    '1.2.3',
    '203.0.',
    'a:b',
    uuid(1),
    `${uuid(1)} curl`,
    `${KEY}A ${KEY}`,
    '',
  ])('takes "%s" as text', text => {
    expect(typedAs(text)).toEqual({ kind: 'text', text: text.trim() })
  })

  test('adds chosen values to those of the view, each once, and removes them from the excluded ones', () => {
    const view = {
      ...{ ...EVERYTHING, principalIds: ['p'], notPrincipalIds: ['q', 'r'], resourceIds: ['a'] },
      ...{ ipAddresses: ['::1'], userAgents: ['curl'] },
    }
    const added = (name: ListName, ...values: string[]) => placed(view, name, values, 'included')
    expect(added('principalIds', 'q', 'p', 's')).toEqual({
      ...{ principalIds: ['p', 'q', 's'], notPrincipalIds: ['r'] },
    })
    expect(added('resourceIds', 'b')).toEqual({ resourceIds: ['a', 'b'] })
    expect(added('userAgents', 'wget, or so')).toEqual({
      ...{ userAgents: ['curl', 'wget, or so'], notUserAgents: [] },
    })
  })
})

describe('the short name of a client', () => {
  const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
  test.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
      'Firefox 142 · Linux',
    ],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`, 'Chrome 126 · Windows'],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Edg/126.0.2592.56`,
      'Microsoft Edge 126 · Windows',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
      'Safari 17 · macOS',
    ],
    ['Mozilla/5.0', 'Mozilla 5.0'],
    ['curl/8.1', 'curl 8.1'],
    ['wget/v1.2', 'wget 1.2'],
    ['versus/vim', 'versus vim'],
    ['scaleway-cli/2.34.0 (linux; amd64)', 'scaleway-cli 2.34.0'],
    [
      'scaleway-sdk-go/v1.0.0-beta.29 (go1.22.5; linux; amd64) terraform-provider/2.43.0 terraform/1.9.0',
      'terraform 1.9.0',
    ],
    ['scaleway-sdk-python/2.3.0', 'scaleway-sdk-python 2.3.0'],
    ['Terraform/1.9 scaleway-sdk-go/1.0', 'Terraform 1.9'],
    ['nothing', 'nothing'],
    ['', ''],
  ])('of the user agent %s is %s', (userAgent, name) => {
    expect(clientOf(userAgent)).toBe(name)
    expect(clientOf(userAgent)).toBe(name)
  })

  test('is longer if two user agents would have the same, and the complete user agent if that is not enough', () => {
    const [one, other, third] = ['curl/8 a/1', 'curl/8 a/2', 'curl/8 (x) a/2'] as const
    expect(clientOf(one)).toBe('curl 8')
    clientOf(other)
    expect([one, other].map(clientOf)).toEqual(['curl 8 · a 1', 'curl 8 · a 2'])
    clientOf(third)
    expect([one, other, third].map(clientOf)).toEqual(['curl 8 · a 1', other, third])
  })

  test('is filtered by at most the 256 characters that the graph accepts', () => {
    expect(asFilter('x'.repeat(300))).toBe('x'.repeat(256))
    expect(asFilter('curl/8.1')).toBe('curl/8.1')
  })
})

describe('the texts of the page', () => {
  /** Texts that are the same in both languages. */
  const SAME = new Set([
    ...[
      'Action',
      'Principal',
      'GraphiQL',
      'Scaleway',
      'Client',
      'E-mail',
      'Conditions',
      'Date',
      'Application',
      'Suggestions',
      '‹1› suggestions',
      'User agents',
    ],
    ...['Applications', 'ID', 'Description', 'User agent', 'CSV', 'NDJSON', 'OCSF', 'Dates'],
    ...['Local (‹1›)'],
  ])

  test('exist in English and in French, and differ, with the same values and the signs of each', async () => {
    // The parts of a browser that these modules use when they are loaded.
    vi.stubGlobal('navigator', { languages: ['en-GB', 'fr-FR'] })
    vi.stubGlobal('document', { documentElement: { dataset: {} } })
    vi.stubGlobal('localStorage', { getItem: () => null, setItem() {} })
    const logs = new URL('../src/web/logs/', import.meta.url)
    const read = (path: string) => import(new URL(path, logs).href)
    const { language } = await read('language.ts')
    const files = readdirSync(logs, { recursive: true, encoding: 'utf8' })
    const parts = files.filter(path => path.endsWith('.words.ts'))
    expect(parts.length).toBeGreaterThan(5)
    for (const part of parts) {
      const { words } = await read(part)
      const [en, fr] = ['en', 'fr'].map(name => {
        language.value = name
        return textsOf(words)
      })
      expect([...(fr?.keys() ?? [])], part).toEqual([...(en?.keys() ?? [])])
      for (const [name, text] of en ?? []) {
        const other = fr?.get(name) ?? ''
        expect(text.trim(), name).not.toBe('')
        expect(other.trim(), name).not.toBe('')
        if (!SAME.has(text)) expect(other, `${part} ${name}`).not.toBe(text)
        // Typographic quotes, and no break before : ; ? !
        expect(other, `${part} ${name}`).not.toMatch(/ [:;?!»]|« |'|[\p{L}}›][:;?!]( |$)/u)
        expect(text.match(/‹\d›/g) ?? [], `${part} ${name}`).toEqual(other.match(/‹\d›/g) ?? [])
      }
    }
    const { words } = await read('parts/parts.words.ts')
    const counted = (name: string) => {
      language.value = name
      return [0, 1, 2, 12_345].map(count => words.events(count).replaceAll(/\s/g, ' '))
    }
    expect(counted('en')).toEqual(['0 events', '1 event', '2 events', '12,345 events'])
    expect(counted('fr')).toEqual([
      ...['0 événement', '1 événement', '2 événements', '12 345 événements'],
    ])
    vi.unstubAllGlobals()
  })

  /** Each text by its name; texts that take values are called with placeholders. */
  function textsOf(words: object, above = ''): Map<string, string> {
    const found = new Map<string, string>()
    for (const [name, word] of Object.entries(words)) {
      const path = `${above}${name}`
      if (typeof word === 'string') found.set(path, word)
      else if (typeof word === 'function') found.set(path, word('‹1›', '‹2›'))
      else for (const each of textsOf(word, `${path}.`)) found.set(...each)
    }
    return found
  }
})
