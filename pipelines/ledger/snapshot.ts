// The whole state as bytes. Equal states give equal bytes, whatever path led to them: holders and positions stand in
// the order in which they were opened, everything else in the order of the list it is in, and no slot shows that could
// be another one after a restore. So the hash of a state is the hash of its bytes.

import assert from 'node:assert/strict'
import type { BasisPoints, InstrumentId, Instant, Microdollars } from '../../schemas/units.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { holderField, holderFieldsSaved } from './holders.ts'
import { Ledger } from './ledger.ts'
import { isOpenStatus } from './order-terms.ts'
import { type Orders, orderField, orderFieldsSaved } from './orders.ts'
import { positionField, positionFieldsSaved, trancheField, trancheFieldsSaved } from './positions.ts'
import { readLots, writeLots } from './lots/format.ts'
import { readKeys, readRequests, writeKeys, writeRequests } from './usage/format.ts'
import { dayField } from './volumes.ts'

const formatVersion = 1

export function writeSnapshot (state: Ledger): Uint8Array {
  const writer = new ByteWriter()
  writer.number(formatVersion)
  writer.number(state.now)
  writer.number(state.partition)
  writer.number(state.entrySequence)
  writeParameters(writer, state)
  for (const balance of Object.values(state.house)) writer.signed(balance)
  writeInstruments(writer, state)
  writeHolders(writer, state)
  writePositions(writer, state)
  writeLots(writer, state)
  writeKeys(writer, state)
  writeRequests(writer, state)
  writeOrders(writer, state)
  writer.bytes(state.references.bytes())
  return writer.written()
}

/** Throws when the bytes are not a snapshot of this format. */
export function readSnapshot (bytes: Uint8Array): Ledger {
  const reader = new ByteReader(bytes)
  assert.equal(reader.number(), formatVersion, 'a snapshot of the ledger in an unknown format')
  const now = reader.number() as Instant
  const state = new Ledger(reader.number())
  state.now = now
  state.entrySequence = reader.number()
  readParameters(reader, state)
  for (const account of Object.keys(state.house) as (keyof Ledger['house'])[]) state.house[account] = reader.signed()
  readInstruments(reader, state)
  readHolders(reader, state)
  readPositions(reader, state)
  readLots(reader, state)
  readKeys(reader, state)
  readRequests(reader, state)
  readOrders(reader, state)
  state.references.restore(reader.bytes())
  reader.end()
  return state
}

function writeParameters (writer: ByteWriter, { parameters }: Ledger): void {
  writer.number(parameters.openOrdersMax)
  writer.number(parameters.stopSlippageBp)
  writer.number(parameters.freeRequestsPerDay)
  writer.number(parameters.freeOpenMax)
  writer.number(parameters.feeTiers.length)
  for (const { volumeFrom, makerBp, takerBp } of parameters.feeTiers) {
    for (const number of [volumeFrom, makerBp, takerBp]) writer.number(number)
  }
}

function readParameters (reader: ByteReader, state: Ledger): void {
  state.parameters = {
    openOrdersMax: reader.number(),
    stopSlippageBp: reader.number() as BasisPoints,
    freeRequestsPerDay: reader.number(),
    freeOpenMax: reader.number(),
    feeTiers: Array.from({ length: reader.number() }, () => ({
      volumeFrom: reader.number() as Microdollars,
      makerBp: reader.number() as BasisPoints,
      takerBp: reader.number() as BasisPoints
    }))
  }
}

function writeInstruments (writer: ByteWriter, { instruments }: Ledger): void {
  const listed = instruments.listed.filter(instrument => instrument !== undefined)
  writer.number(listed.length)
  for (const { instrumentId, index, inTransit, issued, conversion, drawn, breakage, period, ageing } of listed) {
    writer.text(instrumentId)
    writer.number(index)
    for (const balance of [inTransit, issued, conversion]) writer.signed(balance)
    for (const number of [drawn, breakage, period, ageing.stops.length]) writer.number(number)
    for (const { from, to } of ageing.stops) for (const at of [from, to === Infinity ? 0 : to]) writer.number(at)
  }
  for (const prices of [instruments.defaults, instruments.references]) {
    writer.number(prices.size)
    for (const [instrumentId, price] of prices) {
      writer.text(instrumentId)
      writer.number(price)
    }
  }
}

function readInstruments (reader: ByteReader, { instruments }: Ledger): void {
  for (let left = reader.number(); left > 0; left--) {
    const instrument = instruments.list(reader.text() as InstrumentId, reader.number())
    instrument.inTransit = reader.signed()
    instrument.issued = reader.signed()
    instrument.conversion = reader.signed()
    instrument.drawn = reader.number()
    instrument.breakage = reader.number()
    instrument.period = reader.number()
    for (let stops = reader.number(); stops > 0; stops--) {
      instrument.ageing.stops.push({ from: reader.number(), to: reader.number() || Infinity })
    }
  }
  for (const prices of [instruments.defaults, instruments.references]) {
    for (let left = reader.number(); left > 0; left--) {
      prices.set(reader.text() as InstrumentId, reader.number() as Microdollars)
    }
  }
}

function writeHolders (writer: ByteWriter, { holders, volumes }: Ledger): void {
  writer.number(holders.count)
  for (let holder = 1; holder < holders.end; holder++) {
    holders.write(writer, holder, holderFieldsSaved)
    for (let day = holders.of(holder, holderField.firstDay); day !== 0; day = volumes.of(day, dayField.next)) {
      writer.number(volumes.of(day, dayField.day))
      writer.number(volumes.of(day, dayField.notional))
    }
    writer.number(0) // No day is day 0: it is 1970.
  }
}

function readHolders (reader: ByteReader, { holders, volumes, deadMen }: Ledger): void {
  const count = reader.number()
  holders.reserve(count)
  holders.index.reserve(count)
  for (let left = count; left > 0; left--) {
    const holder = holders.take()
    holders.read(reader, holder, holderFieldsSaved)
    holders.index.add(holder)
    const deadline = holders.of(holder, holderField.deadManAt)
    if (deadline !== 0) deadMen.set(holder, deadline)
    for (let day = reader.number(); day !== 0; day = reader.number()) volumes.append(holder, day, reader.number())
  }
}

function writePositions (writer: ByteWriter, { positions, positions: { tranches } }: Ledger): void {
  writer.number(positions.count)
  for (let position = 1; position < positions.end; position++) {
    writer.number(positions.of(position, positionField.holder))
    writer.number(positions.of(position, positionField.instrument))
    positions.write(writer, position, positionFieldsSaved)
    const first = positions.of(position, positionField.firstTranche)
    for (let slot = first; slot !== 0; slot = tranches.of(slot, trancheField.next)) {
      writer.number(1)
      tranches.write(writer, slot, trancheFieldsSaved)
    }
    writer.number(0)
  }
}

function readPositions (reader: ByteReader, { positions, positions: { tranches } }: Ledger): void {
  const count = reader.number()
  positions.reserve(count)
  tranches.reserve(count)
  for (let left = count; left > 0; left--) {
    const position = positions.open(reader.number(), reader.number())
    positions.read(reader, position, positionFieldsSaved)
    while (reader.number() !== 0) {
      const tranche = positions.appendTranche(position)
      tranches.read(reader, tranche, trancheFieldsSaved)
      const issued = tranches.of(tranche, trancheField.isIssued) * tranches.of(tranche, trancheField.units)
      positions.add(position, positionField.issued, issued)
    }
  }
}

/** Those that are open, holder by holder, each with a leg that closed before it; then the queues of those to forget. */
function writeOrders (writer: ByteWriter, { holders, orders }: Ledger): void {
  writer.number(orders.count)
  for (let holder = 1; holder < holders.end; holder++) {
    const first = holders.of(holder, holderField.firstOpen)
    for (let slot = first; slot !== 0; slot = orders.of(slot, orderField.next)) {
      writeOrder(writer, orders, slot)
      const other = orders.waitingLeg(slot)
      if (other !== 0) writeOrder(writer, orders, other)
    }
  }
  writer.number(0)
  for (const queue of [orders.closed, orders.reserved]) {
    for (let slot = queue.first; slot !== 0; slot = orders.of(slot, orderField.nextForgotten)) {
      writeOrder(writer, orders, slot)
    }
    writer.number(0)
  }
}

function writeOrder (writer: ByteWriter, orders: Orders, slot: number): void {
  writer.number(1)
  orders.write(writer, slot, orderFieldsSaved)
  if (orders.of(slot, orderField.instrument) === 0) writer.text(orders.instrumentIds[slot]!)
  if (!orders.hasClientId(slot)) return
  writer.text(orders.clientOrderIds[slot]!)
  writer.text(orders.contents[slot]!)
}

function readOrders (reader: ByteReader, state: Ledger): void {
  const { orders, positions } = state
  const count = reader.number()
  orders.reserve(count)
  orders.index.reserve(count)
  while (reader.number() !== 0) {
    const slot = readOrder(reader, state)
    if (!isOpenStatus(orders.of(slot, orderField.status))) continue
    orders.linkOpen(slot)
    const position = positions.find(orders.of(slot, orderField.holder), orders.of(slot, orderField.instrument) - 1)
    positions.add(position, positionField.openOrders, 1)
  }
  for (const queue of [orders.closed, orders.reserved]) {
    while (reader.number() !== 0) orders.enqueue(queue, readOrder(reader, state))
  }
}

function readOrder (reader: ByteReader, { orders, instruments }: Ledger): number {
  const slot = orders.take()
  orders.read(reader, slot, orderFieldsSaved)
  const instrument = orders.of(slot, orderField.instrument)
  orders.instrumentIds[slot] = instrument === 0 ? reader.text() : instruments.at(instrument - 1).instrumentId
  orders.clientOrderIds[slot] = orders.hasClientId(slot) ? reader.text() : ''
  orders.contents[slot] = orders.hasClientId(slot) ? reader.text() : ''
  orders.reenter(slot)
  return slot
}
