// Recorded bars (test/data/lean) as fills: each bar becomes trades at its open, high, low and close, which fold into
// the same bar again.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import type { Fill } from '../../schemas/matching/records.ts'
import { holderId, instant, microdollars, orderId, units, type InstrumentId, type Instant } from '../../schemas/units.ts'

/** Prices and volume as recorded, to eight decimals. */
export type LeanBar = {
  readonly start: Instant
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
}

export const leanDays = ['20161007', '20161008', '20161009'] as const

const dayMs = 24 * 60 * 60 * 1000

export function leanBars (width: 'second' | 'minute'): LeanBar[] {
  return leanDays.flatMap(day => {
    const lines = linesOf(`${width}_${day}_trade`)
    return lines.map(([ms, ...values]) => bar(midnight(day) + Number(ms), values))
  })
}

/** The bars of those three days, out of several years. */
export function leanDailyBars (): LeanBar[] {
  const days = linesOf('daily_btcusd_trade').map(([day, ...values]) => bar(midnight(day!.slice(0, 8)), values))
  const first = midnight(leanDays[0])
  return days.filter(({ start }) => start >= first && start < first + leanDays.length * dayMs)
}

/**
 * The fills of an instrument, with sequences from 1. Volumes are 10^8 times what was recorded, so that eight decimals
 * are whole units; a bar's lies on its last fill, but for one unit on each of the three before it.
 */
export function leanFills (instrumentId: InstrumentId, bars: readonly LeanBar[]): Fill[] {
  return bars.flatMap(({ start, open, high, low, close, volume }, index) => {
    const last = whole(volume, 8) - 3
    assert(last > 0, `the bar at ${start} is too small for four fills`)
    return ([[open, 1], [high, 1], [low, 1], [close, last]] as const).map(([price, quantity], nth): Fill => {
      const sequence = 4 * index + nth + 1
      return {
        kind: 'fill',
        instrumentId,
        sequence,
        takerSide: nth % 2 === 0 ? 'buy' : 'sell',
        price: microdollars(whole(price, 6)),
        quantity: units(quantity),
        makerOrderId: orderId(2 * sequence - 1),
        takerOrderId: orderId(2 * sequence),
        makerHolder: holderId(1),
        takerHolder: holderId(2),
        matchedAt: start
      }
    })
  })
}

/** A decimal as a whole number of its last place. */
export function whole (decimal: string, places: number): number {
  const [integer = '', fraction = ''] = decimal.split('.')
  assert(/^0*$/.test(fraction.slice(places)), `${decimal} has more than ${places} decimals`)
  const value = Number(integer + fraction.slice(0, places).padEnd(places, '0'))
  assert(Number.isSafeInteger(value), decimal)
  return value
}

function bar (start: number, values: readonly string[]): LeanBar {
  const [open, high, low, close, volume] = values.map(eightDecimals) as [string, string, string, string, string]
  return { start: instant(start), open, high, low, close, volume }
}

function eightDecimals (text: string): string {
  assert(/^\d+(\.\d{1,8})?$/.test(text), text)
  const [integer, fraction = ''] = text.split('.')
  return `${integer}.${fraction.padEnd(8, '0')}`
}

function midnight (day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)))
}

function linesOf (name: string): string[][] {
  const zip = readFileSync(new URL(`../data/lean/${name}.zip`, import.meta.url))
  return onlyFile(zip).toString('latin1').split(/\r?\n/).filter(line => line !== '').map(line => line.split(','))
}

/** The one file of an archive: the archive's end says where its directory is, and that where the file is. */
function onlyFile (zip: Buffer): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  assert.equal(zip.readUInt16LE(end + 10), 1, 'an archive of one file')
  const entry = zip.readUInt32LE(end + 16)
  const [method, size] = [zip.readUInt16LE(entry + 10), zip.readUInt32LE(entry + 20)]
  const header = zip.readUInt32LE(entry + 42)
  const content = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const compressed = zip.subarray(content, content + size)
  return method === 0 ? compressed : inflateRawSync(compressed)
}
