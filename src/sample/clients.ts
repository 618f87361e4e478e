// The programs that call Scaleway in a sample history, by their user agents, and the addresses they call from. Versions
// advance with the date; every address is from a reserved block.

import { type Instant, parseInstant } from '../instant.ts'
import { DAY } from './calendar.ts'
import type { Random } from './random.ts'

export type Platform = keyof typeof SYSTEMS
export type Program = Exclude<keyof typeof USER_AGENTS, 'cliOnWindows'>

/** The month in which Scaleway's IAM logs began. */
const EPOCH = parseInstant('2023-11-01T00:00:00Z') as Instant

/** The first release since then, the days between releases, and the days between patches, if any. */
const RELEASES: Readonly<Record<string, readonly [first: number, days: number, patch?: number]>> = {
  chrome: [119, 32],
  firefox: [119, 28],
  safari: [17, 330, 55],
  go: [21, 183, 31],
  cli: [23, 32],
  provider: [33, 25],
  terraform: [6, 96, 18],
  opentofu: [6, 140, 30],
  python: [0, 70],
  javascript: [3, 330, 60],
  curl: [4, 60],
}

/** The platforms in browsers' user agents. */
const SYSTEMS = {
  linux: 'X11; Linux x86_64',
  darwin: 'Macintosh; Intel Mac OS X 10_15_7',
  windows: 'Windows NT 10.0; Win64; x64',
}

const GO = '(go1.{go}; {platform}; {processor})'
/** The SDK for Go has used this name for years, whatever its real version. */
const SDK_GO = `scaleway-sdk-go/v1.0.0-beta.7+dev ${GO}`
const PROVIDER = `${SDK_GO} terraform-provider/v2.{provider}.0`
const WEBKIT = 'Mozilla/5.0 ({system}) AppleWebKit'
const CHROME = `${WEBKIT}/537.36 (KHTML, like Gecko) Chrome/{chrome}.0.0.0 Safari/537.36`

/** In braces: the name of a release, or a word for the platform. */
const USER_AGENTS = {
  chrome: CHROME,
  edge: `${CHROME} Edg/{chrome}.0.0.0`,
  firefox: 'Mozilla/5.0 ({system}; rv:{firefox}.0) Gecko/20100101 Firefox/{firefox}.0',
  safari: `${WEBKIT}/605.1.15 (KHTML, like Gecko) Version/{safari} Safari/605.1.15`,
  // Both forms occur; which build sends which is not documented.
  cli: `${SDK_GO} cli/2.{cli}.0`,
  cliOnWindows: `scaleway-cli/2.{cli}.0 ${GO}`,
  terraform: `${PROVIDER} terraform/1.{terraform}`,
  // The provider calls whatever program runs it terraform.
  opentofu: `${PROVIDER} terraform/1.{opentofu} opentofu`,
  python: 'scaleway-sdk-python/2.{python}.0',
  javascript: 'scaleway-sdk-js/1.{javascript}',
  go: SDK_GO,
  curl: 'curl/8.{curl}.0',
}

/** The user agent of a program that is up to date at the instant. */
export function userAgent(program: Program, platform: Platform, at: Instant): string {
  const template = program === 'cli' && platform === 'windows' ? 'cliOnWindows' : program
  const system = SYSTEMS[platform]
  const words: Record<string, string> = {
    system: program === 'firefox' ? system.replace('10_15_7', '10.15') : system,
    platform,
    processor: platform === 'darwin' ? 'arm64' : 'amd64',
  }
  return USER_AGENTS[template].replace(/{(\w+)}/g, (_, name) => words[name] ?? release(name, at))
}

/** The newest release at the instant, as `NUMBER`, or `NUMBER.PATCH` if patches are counted. */
function release(name: string, at: Instant): string {
  const [first, interval, patchInterval] = RELEASES[name] ?? [0, 1]
  const days = Math.max(0, Math.floor((at - EPOCH) / DAY))
  let number = first + Math.floor(days / interval)
  // Safari's version jumped from 18 to 26 to match macOS.
  if (name === 'safari' && number > 18) number += 7
  return patchInterval ? `${number}.${Math.floor((days % interval) / patchInterval)}` : `${number}`
}

/** `192.0.2` has servers, `198.51.100` offices, `203.0.113` strangers. */
export function addressIn(block: string, random: Random): string {
  return `${block}.${random.between(1, 254)}`
}

/** The address of a home until its provider changes it; IPv6 in RFC 5952's form. */
export function homeAddress(random: Random, ipv6: boolean): string {
  if (!ipv6) return addressIn(`100.${random.between(64, 95)}.${random.below(256)}`, random)
  const group = () => random.between(0x1000, 0xffff).toString(16)
  return `2001:db8:${Array.from({ length: 6 }, group).join(':')}`
}

/** The runners of a continuous integration service, in blocks of 64. */
export function runnerAddresses(random: Random, count: number): string[] {
  return Array.from({ length: Math.ceil(count / 64) }, () => {
    const block = `100.${random.between(96, 127)}.${random.below(256)}`
    const first = 64 * random.below(4)
    return Array.from({ length: 64 }, (_, host) => `${block}.${first + host}`)
  })
    .flat()
    .slice(0, count)
}
