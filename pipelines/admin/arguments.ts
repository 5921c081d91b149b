// What is typed after a command, read into what we use inside.

import { isIP } from 'node:net'
import { InvalidArgumentError } from 'commander'
import type { FeeTier } from '../../schemas/ledger/commands.ts'
import {
  basisPoints, instant, microdollars, units, type BasisPoints, type Instant, type Microdollars, type Units
} from '../../schemas/units.ts'

const million = 1_000_000

/** Dollars with at most six places, such as 100 or 0.0005. */
export function dollars (text: string): Microdollars {
  const [, whole, places = ''] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text) ?? []
  if (whole === undefined) throw new InvalidArgumentError('Dollars, with at most six places: 100 or 0.05.')
  return microdollars(Number(whole) * million + Number(places.padEnd(6, '0')))
}

/** Something of it. */
export function amount (text: string): Microdollars {
  const read = dollars(text)
  if (read === 0) throw new InvalidArgumentError('More than nothing.')
  return read
}

export function whole (text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A whole number.')
  return Number(text)
}

export const quantity = (text: string): Units => units(whole(text))
export const points = (text: string): BasisPoints => basisPoints(whole(text))

/** `volume:maker:taker`: from how many dollars in thirty days, and both fees in basis points. */
export function tier (text: string, before: readonly FeeTier[] = []): FeeTier[] {
  const [volume, maker, taker, more] = text.split(':')
  if (taker === undefined || more !== undefined) throw new InvalidArgumentError('VOLUME:MAKER:TAKER, such as 100000:0:5.')
  return [...before, { volumeFrom: dollars(volume!), makerBp: points(maker!), takerBp: points(taker) }]
}

export function time (text: string): Instant {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('A time, such as 2027-01-01T00:00:00Z.')
  return instant(at)
}

/** An address, or a network as CIDR; of those given before it, the next. */
export function network (text: string, before: readonly string[] = []): string[] {
  const [, address = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  if (version === 0 || Number(bits ?? 0) > (version === 4 ? 32 : 128)) {
    throw new InvalidArgumentError('An address or a network, such as 192.0.2.0/24.')
  }
  return [...before, text]
}

/** As dollars are read: two places at least, and no more zeros than that. */
export function inDollars (value: number): string {
  const [sign, size] = [value < 0 ? '-' : '', Math.abs(value)]
  const places = String(size % million).padStart(6, '0').replace(/0{1,4}$/, '')
  return `${sign}${Math.floor(size / million)}.${places}`
}
