// The whole state as plain values and as bytes. Equal states give equal bytes, whatever path led to them: orders stand
// in priority order, and neither slots nor the layout of a table show. So the hash of a state is the hash of its bytes.

import assert from 'node:assert/strict'
import {
  type SelfTradePrevention, type TradingStatus, selfTradePrevention, tradingStatus
} from '../../schemas/matching/records.ts'
import {
  type HolderId, type InstrumentId, type Instant, type OrderId, type OwnerId, type Side, side
} from '../../schemas/units.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { type LastTrade, type Parameters, Matching } from './matching.ts'
import { flagsOf } from './orders.ts'
import type { TradedSecond } from './trade-window.ts'

const formatVersion = 1

export type RestingOrder = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly owner: OwnerId
  readonly side: Side
  readonly postOnly: boolean
  readonly selfTradePrevention: SelfTradePrevention
  readonly ticks: number
  readonly leaves: number
  readonly filled: number
  readonly notional: number
}

export type MatchingSnapshot = {
  readonly parameters: Parameters | null
  readonly status: TradingStatus
  readonly now: Instant
  readonly pausedUntil: Instant
  readonly fillSequence: number
  readonly deltaSequence: number
  readonly lastTrade: LastTrade | null
  /** Oldest first. */
  readonly window: readonly TradedSecond[]
  /** Buys from the best down, then sells from the best up; within a level the oldest first. */
  readonly orders: readonly RestingOrder[]
}

export function takeSnapshot (state: Matching): MatchingSnapshot {
  const { book: { orders }, book } = state
  const resting = (slot: number): RestingOrder => ({
    orderId: orders.orderId(slot),
    holder: orders.holder(slot),
    owner: orders.owner(slot),
    side: orders.side(slot),
    postOnly: orders.postOnly(slot),
    selfTradePrevention: orders.mode(slot),
    ticks: orders.ticks(slot),
    leaves: orders.leaves(slot),
    filled: orders.filled(slot),
    notional: orders.notional(slot)
  })
  return {
    parameters: state.parameters,
    status: state.status,
    now: state.now,
    pausedUntil: state.pausedUntil,
    fillSequence: state.fillSequence,
    deltaSequence: state.deltaSequence,
    lastTrade: state.lastTrade,
    window: state.window.buckets(),
    orders: side.flatMap(which => Array.from(book.inPriority(which), resting))
  }
}

export function fromSnapshot (snapshot: MatchingSnapshot): Matching {
  const state = new Matching()
  if (snapshot.parameters !== null) state.list(snapshot.parameters)
  state.status = snapshot.status
  state.now = snapshot.now
  state.pausedUntil = snapshot.pausedUntil
  state.fillSequence = snapshot.fillSequence
  state.deltaSequence = snapshot.deltaSequence
  state.lastTrade = snapshot.lastTrade
  state.window.restore(snapshot.window)
  const { book } = state
  for (const order of snapshot.orders) {
    const flags = flagsOf({ ...order, isSell: order.side === 'sell', rests: true, isMarket: false })
    const slot = book.orders.open(order, order.ticks, order.leaves, flags)
    book.orders.setFilled(slot, order.filled, order.notional)
    book.rest(slot)
  }
  return state
}

export function writeSnapshot (snapshot: MatchingSnapshot): Uint8Array {
  const writer = new ByteWriter()
  writer.byte(formatVersion)
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
  for (const order of snapshot.orders) writeOrder(writer, order)
  return writer.written()
}

/** Throws when the bytes are not a snapshot of this format. */
export function readSnapshot (bytes: Uint8Array): MatchingSnapshot {
  const reader = new ByteReader(bytes)
  assert.equal(reader.byte(), formatVersion, 'a snapshot of matching in an unknown format')
  const snapshot = {
    parameters: readParameters(reader),
    status: tradingStatus[reader.byte()]!,
    now: reader.number() as Instant,
    pausedUntil: reader.number() as Instant,
    fillSequence: reader.number(),
    deltaSequence: reader.number(),
    lastTrade: readLastTrade(reader),
    window: Array.from({ length: reader.number() }, () => ({
      second: reader.number(), quantity: reader.number(), notionalHigh: reader.number(), notionalLow: reader.number()
    })),
    orders: Array.from({ length: reader.number() }, () => readOrder(reader))
  }
  reader.end()
  return snapshot
}

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

const postOnlyBit = 2
const modeShift = 2

function writeOrder (writer: ByteWriter, order: RestingOrder): void {
  writer.number(order.orderId)
  writer.number(order.holder)
  writer.number(order.owner)
  writer.number(order.notional)
  writer.integer(order.ticks)
  writer.integer(order.leaves)
  writer.integer(order.filled)
  writer.byte(side.indexOf(order.side) | (order.postOnly ? postOnlyBit : 0) |
    selfTradePrevention.indexOf(order.selfTradePrevention) << modeShift)
}

function readOrder (reader: ByteReader): RestingOrder {
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
  return {
    ...numbers,
    side: side[flags & 1]!,
    postOnly: (flags & postOnlyBit) !== 0,
    selfTradePrevention: selfTradePrevention[flags >> modeShift]!
  }
}
