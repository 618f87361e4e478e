// The programs that call Scaleway in a sample history, as they name themselves, and the addresses they
// call from. Versions move on with the date; every address is from a block that belongs to nobody.

import { type Instant, parseInstant } from '../instant.ts'
import { DAY } from './calendar.ts'
import type { Random } from './random.ts'

export type Platform = 'linux' | 'darwin' | 'windows'
export type Browser = 'chrome' | 'edge' | 'firefox' | 'safari'

/** A program that is no browser. */
export type Tool = 'cli' | 'terraform' | 'opentofu' | 'python' | 'javascript' | 'go' | 'curl'

/** The release that was the newest at an instant: `major` counts releases, `patch` the fixes since. */
interface Release {
  readonly number: number
  readonly patch: number
}

/** 1 November 2023: the month in which Scaleway's IAM logs began. */
const EPOCH = parseInstant('2023-11-01T00:00:00Z') as Instant

/** The SDK for Go has called itself so for years, whatever its real version. */
const SDK_GO = 'scaleway-sdk-go/v1.0.0-beta.7+dev'

/** The user agent of a browser that is up to date at the instant. Safari runs on macOS only. */
export function browserAgent(browser: Browser, platform: Platform, at: Instant): string {
  const system = {
    linux: 'X11; Linux x86_64',
    darwin: `Macintosh; Intel Mac OS X ${browser === 'firefox' ? '10.15' : '10_15_7'}`,
    windows: 'Windows NT 10.0; Win64; x64',
  }[platform]
  if (browser === 'firefox') {
    const { number } = release(at, 119, 28)
    return `Mozilla/5.0 (${system}; rv:${number}.0) Gecko/20100101 Firefox/${number}.0`
  }
  if (browser === 'safari') {
    const { number, patch } = release(at, 17, 330, 55)
    // Safari went from 18 to 26 to count as macOS does.
    const version = `${number < 19 ? number : number + 7}.${patch + 1}`
    return `Mozilla/5.0 (${system}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`
  }
  const { number } = release(at, 119, 32)
  const chrome = `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${number}.0.0.0 Safari/537.36`
  return browser === 'edge' ? `${chrome} Edg/${number}.0.0.0` : chrome
}

/** The user agent of a tool that is up to date at the instant. */
export function toolAgent(tool: Tool, platform: Platform, at: Instant): string {
  const go = release(at, 21, 183, 31)
  const machine = `(go1.${go.number}.${go.patch}; ${platform}; ${platform === 'darwin' ? 'arm64' : 'amd64'})`
  switch (tool) {
    case 'cli':
      // Both forms are met; which one a build sends is not documented.
      return platform === 'windows'
        ? `scaleway-cli/2.${release(at, 23, 32).number}.0 ${machine}`
        : `${SDK_GO} ${machine} cli/2.${release(at, 23, 32).number}.0`
    case 'terraform':
      return `${SDK_GO} ${machine} ${provider(at)} terraform/${dotted(1, release(at, 6, 96, 18))}`
    case 'opentofu':
      // OpenTofu hands its own version to the provider, which knows no other word than terraform.
      return `${SDK_GO} ${machine} ${provider(at)} terraform/${dotted(1, release(at, 6, 140, 30))} opentofu`
    case 'python':
      return `scaleway-sdk-python/2.${release(at, 0, 70).number}.0`
    case 'javascript':
      return `scaleway-sdk-js/${dotted(1, release(at, 3, 330, 60))}`
    case 'go':
      return `${SDK_GO} ${machine}`
    case 'curl':
      return `curl/${dotted(8, release(at, 4, 60))}`
  }
}

function provider(at: Instant): string {
  return `terraform-provider/v2.${release(at, 33, 25).number}.0`
}

function dotted(major: number, { number, patch }: Release): string {
  return `${major}.${number}.${patch}`
}

/** A release every `every` days since November 2023, `first` then; a patch of it every `patchEvery` days. */
function release(at: Instant, first: number, every: number, patchEvery = Infinity): Release {
  const days = Math.max(0, Math.floor((at - EPOCH) / DAY))
  return {
    number: first + Math.floor(days / every),
    patch: Math.floor((days % every) / patchEvery),
  }
}

/** Where a company's offices meet the Internet: a few addresses shared by all who are there. */
export function officeAddresses(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => `198.51.100.${random.between(1, 254)}`)
}

/** The address a home has until its provider gives it another; IPv6 in RFC 5952's form. */
export function homeAddress(random: Random, ipv6: boolean): string {
  if (!ipv6) return `100.${random.between(64, 95)}.${random.below(256)}.${random.between(1, 254)}`
  let address = '2001:db8'
  for (let group = 0; group < 6; group += 1) {
    address += `:${random.between(0x1000, 0xffff).toString(16)}`
  }
  return address
}

/** The runners of a continuous integration service, in blocks of 64. */
export function runnerAddresses(random: Random, count: number): string[] {
  const addresses: string[] = []
  while (addresses.length < count) {
    const block = `100.${random.between(96, 127)}.${random.below(256)}`
    const first = 64 * random.below(4)
    for (let host = 0; host < 64 && addresses.length < count; host += 1) {
      addresses.push(`${block}.${first + host}`)
    }
  }
  return addresses
}

/** The address of a server that runs for years. */
export function serverAddress(random: Random): string {
  return `192.0.2.${random.between(1, 254)}`
}

/** An address no one in the company has ever used. */
export function strangeAddress(random: Random): string {
  return `203.0.113.${random.between(1, 254)}`
}
