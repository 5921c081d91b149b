// Snapshots as bytes. The hash of a state is the hash of its bytes, so each version of behaviour has its own format:
// what a state can't have yet takes no byte.

import assert from 'node:assert/strict'
import { selfTradePrevention, tradingStatus } from '../../schemas/matching/records.ts'
import {
  type HolderId, type InstrumentId, type Instant, type Microdollars, type OrderId, type OwnerId, side
} from '../../schemas/units.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { type LastTrade, type Parameters, ledgerVersion } from './matching.ts'
import { type MatchingSnapshot, type OpenOrder, type WaitingOrder, needsMore } from './snapshot.ts'

const formats = [1, ledgerVersion]

export function writeSnapshot (snapshot: MatchingSnapshot): Uint8Array {
  const writer = new ByteWriter()
  const format = snapshot.version < ledgerVersion ? 1 : ledgerVersion
  writer.byte(format)
  if (format >= ledgerVersion) writer.byte(snapshot.version)
  writeParameters(writer, snapshot.parameters)
  writer.byte(tradingStatus.indexOf(snapshot.status))
  writer.number(snapshot.now)
  writer.number(snapshot.pausedUntil)
  writer.number(snapshot.fillSequence)
  writer.number(snapshot.deltaSequence)
  writeLastTrade(writer, snapshot.lastTrade)
  writer.number(snapshot.window.length)
  for (const { second, quantity, notionalHigh, notionalLow } of snapshot.window) {
    for (const number of [second, quantity, notionalHigh, notionalLow]) writer.number(number)
  }
  writer.number(snapshot.orders.length)
  for (const order of snapshot.orders) writeOrder(writer, order, format)
  if (format < ledgerVersion) return writer.written()
  writer.number(snapshot.stops.length)
  for (const order of snapshot.stops) writeStop(writer, order)
  writer.number(snapshot.referenceDueAt)
  writer.number(snapshot.referenceSaid)
  writer.number(snapshot.period)
  return writer.written()
}

/** Throws when the bytes are not a snapshot of a format that was ever written. */
export function readSnapshot (bytes: Uint8Array): MatchingSnapshot {
  const reader = new ByteReader(bytes)
  const format = reader.byte()
  assert(formats.includes(format), 'a snapshot of matching in an unknown format')
  const knowsLedger = format >= ledgerVersion
  const snapshot = {
    version: knowsLedger ? reader.byte() : 1,
    parameters: readParameters(reader),
    status: tradingStatus[reader.byte()]!,
    now: reader.number() as Instant,
    pausedUntil: reader.number() as Instant,
    fillSequence: reader.number(),
    deltaSequence: reader.number(),
    lastTrade: readLastTrade(reader),
    window: many(reader, () => ({
      second: reader.number(), quantity: reader.number(), notionalHigh: reader.number(), notionalLow: reader.number()
    })),
    orders: many(reader, () => readOrder(reader)),
    stops: knowsLedger ? many(reader, () => readStop(reader)) : [],
    referenceDueAt: (knowsLedger ? reader.number() : 0) as Instant,
    referenceSaid: (knowsLedger ? reader.number() : 0) as Microdollars,
    period: knowsLedger ? reader.number() : 0
  }
  reader.end()
  return snapshot
}

const many = <T>(reader: ByteReader, read: () => T): T[] => Array.from({ length: reader.number() }, read)

function writeParameters (writer: ByteWriter, parameters: Parameters | null): void {
  writer.byte(parameters === null ? 0 : 1)
  if (parameters === null) return
  writer.text(parameters.instrumentId)
  writer.number(parameters.tickSize)
  writer.number(parameters.quantityMin)
  writer.number(parameters.quantityMax)
  writer.number(parameters.referencePrice)
  writer.number(parameters.bandBp)
  writer.number(parameters.pauseMs)
}

function readParameters (reader: ByteReader): Parameters | null {
  if (reader.byte() === 0) return null
  return {
    instrumentId: reader.text() as InstrumentId,
    tickSize: reader.number() as Parameters['tickSize'],
    quantityMin: reader.number() as Parameters['quantityMin'],
    quantityMax: reader.number() as Parameters['quantityMax'],
    referencePrice: reader.number() as Parameters['referencePrice'],
    bandBp: reader.number() as Parameters['bandBp'],
    pauseMs: reader.number()
  }
}

function writeLastTrade (writer: ByteWriter, trade: LastTrade | null): void {
  writer.byte(trade === null ? 0 : 1)
  if (trade === null) return
  writer.number(trade.price)
  writer.number(trade.quantity)
  writer.byte(side.indexOf(trade.takerSide))
  writer.number(trade.at)
}

function readLastTrade (reader: ByteReader): LastTrade | null {
  if (reader.byte() === 0) return null
  return {
    price: reader.number() as LastTrade['price'],
    quantity: reader.number() as LastTrade['quantity'],
    takerSide: side[reader.byte()]!,
    at: reader.number() as Instant
  }
}

// Of an order's flags: side and mode as numbers, the rest as bits.
const postOnlyBit = 2
const modeShift = 2
const modeBits = 3
const heldBit = 16
const issuerBit = 32
const moreBit = 64

function writeOrder (writer: ByteWriter, order: OpenOrder, format: number): void {
  writer.number(order.orderId)
  writer.number(order.holder)
  writer.number(order.owner)
  writer.number(order.notional)
  writer.integer(order.ticks)
  writer.integer(order.leaves)
  writer.integer(order.filled)
  const flags = side.indexOf(order.side) | (order.postOnly ? postOnlyBit : 0) |
    selfTradePrevention.indexOf(order.selfTradePrevention) << modeShift
  if (format < ledgerVersion) {
    writer.byte(flags)
    return
  }
  const hasMore = needsMore(order)
  writer.byte(flags | (order.isHeld ? heldBit : 0) | (order.isIssuer ? issuerBit : 0) | (hasMore ? moreBit : 0))
  if (hasMore) for (const number of [order.grant, order.expiresAt, order.period, order.other]) writer.number(number)
}

function readOrder (reader: ByteReader): OpenOrder {
  const numbers = {
    orderId: reader.number() as OrderId,
    holder: reader.number() as HolderId,
    owner: reader.number() as OwnerId,
    notional: reader.number(),
    ticks: reader.integer(),
    leaves: reader.integer(),
    filled: reader.integer()
  }
  const flags = reader.byte()
  const more = (): number => (flags & moreBit) === 0 ? 0 : reader.number()
  return {
    ...numbers,
    side: side[flags & 1]!,
    postOnly: (flags & postOnlyBit) !== 0,
    selfTradePrevention: selfTradePrevention[flags >> modeShift & modeBits]!,
    isHeld: (flags & heldBit) !== 0,
    isIssuer: (flags & issuerBit) !== 0,
    grant: more() as Microdollars,
    expiresAt: more() as Instant,
    period: more(),
    other: more() as OrderId
  }
}

function writeStop (writer: ByteWriter, order: WaitingOrder): void {
  writeOrder(writer, order, ledgerVersion)
  writer.integer(order.stopTicks)
  writer.byte(order.isLimit ? 1 : 0)
}

function readStop (reader: ByteReader): WaitingOrder {
  return { ...readOrder(reader), stopTicks: reader.integer(), isLimit: reader.byte() === 1 }
}
