// A recorded order flow as commands: flash1, calibrated to a busy share, two million messages for one book. Its rules
// and its oracle (hashes of the reports it must give) are in data/README.md.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { amendDefaults, cancelDefaults, orderDefaults, type OrderCommand, type SetParameters } from '../../schemas/matching/records.ts'
import {
  type HolderId, type InstrumentId, type OrderId, type OwnerId, type Units, basisPoints, microdollars, priceTicksMax,
  quantityMax, units
} from '../../schemas/units.ts'
import type { ReportSummary } from './reports.ts'

/** Prices of the flow are ticks. */
export const flash1TickSize = microdollars(100)

export type RecordedMessage = {
  /** From 0, as the flow counts; null for the command that lists the instrument first. */
  readonly sequence: number | null
  readonly command: OrderCommand
}

export type Flash1Options = {
  readonly instrumentId: InstrumentId
  /** At most so many messages; all of them when left out. */
  readonly limit?: number
}

const folder = new URL('data/flash1/', import.meta.url)

const typeBits = 3
const cancelType = 1
const sellBit = 4
const immediateBit = 8

function column (name: string): Buffer {
  return gunzipSync(readFileSync(new URL(name, folder)))
}

/** Bands are off: the flow was recorded without them, and its prices are far apart. */
export function flash1Parameters (instrumentId: InstrumentId): SetParameters {
  return {
    kind: 'set-parameters',
    instrumentId,
    tickSize: flash1TickSize,
    quantityMin: units(1),
    quantityMax,
    referencePrice: microdollars(Math.floor(priceTicksMax / 2) * flash1TickSize),
    bandBp: basisPoints(0),
    pauseMs: 0
  }
}

/** The command that lists the instrument, then the recorded messages in order. */
export function * flash1 ({ instrumentId, limit = Infinity }: Flash1Options): Generator<RecordedMessage> {
  yield { sequence: null, command: flash1Parameters(instrumentId) }
  const flags = column('common.flags.u8.gz')
  const quantities = column('common.qty.u8.gz')
  const ids = column('common.oid.u32le.gz')
  const ticks = column('normal.px.u16le.gz')
  const count = Math.min(flags.length, limit)
  for (let sequence = 0; sequence < count; sequence++) {
    // Every order is its own owner: with one owner, self-trade prevention would cancel what the recording trades.
    // And ids start at 1, for holder 0 is the operators'.
    const command = commandOf(instrumentId, {
      id: ids.readUInt32LE(4 * sequence) + 1,
      flags: flags[sequence]!,
      quantity: quantities[sequence]! as Units,
      ticks: ticks.readUInt16LE(2 * sequence)
    })
    yield { sequence, command }
  }
}

type Message = { readonly id: number, readonly flags: number, readonly quantity: Units, readonly ticks: number }

function commandOf (instrumentId: InstrumentId, { id, flags, quantity, ticks }: Message): OrderCommand {
  const orderId = id as OrderId
  const holder = id as HolderId
  const type = flags & typeBits
  if (type === cancelType) return { kind: 'cancel-order', orderId, holder, instrumentId, ...cancelDefaults }
  const price = microdollars(ticks * flash1TickSize)
  if (type !== 0) return { kind: 'amend-order', orderId, holder, instrumentId, price, quantity, quantityIs: 'leaves', ...amendDefaults }
  return {
    ...orderDefaults,
    kind: 'place-order',
    orderId,
    holder,
    owner: id as OwnerId,
    instrumentId,
    side: (flags & sellBit) === 0 ? 'buy' : 'sell',
    type: 'limit',
    timeInForce: (flags & immediateBit) === 0 ? 'gtc' : 'ioc',
    postOnly: false,
    price,
    quantity,
    selfTradePrevention: 'cancel_newest'
  }
}

/** What the reports must come to after every 100,000 messages and at the end: the oracle that came with the flow. */
export function flash1Checkpoints (): ReportSummary[] {
  const [, ...lines] = readFileSync(new URL('normal.checkpoints.csv', folder), 'utf8').trim().split('\n')
  return lines.map(line => {
    const [messages, reports, trades, resting, , , sha256] = line.split(',')
    return {
      messages: Number(messages),
      reports: Number(reports),
      trades: Number(trades),
      resting: Number(resting),
      sha256: sha256!
    }
  })
}
