// Keys with budgets as bytes of a snapshot, in the order in which they came. And requests: those that hold, position by
// position, oldest first; those that wait; those that have ended, in the order in which they will be forgotten.

import type { ByteReader, ByteWriter } from '../bytes.ts'
import { holderField } from '../holders.ts'
import type { Ledger } from '../ledger.ts'
import { lotField } from '../lots/lot-rows.ts'
import { positionField } from '../positions.ts'
import { holdOfBudget } from './budgets.ts'
import { keyField, keyFieldsSaved } from './keys.ts'
import { holding, pieceField, requestField as field, requestFieldsSaved, type Requests, waiting } from './requests.ts'

export function writeKeys (writer: ByteWriter, { keys }: Ledger): void {
  writer.number(keys.count)
  for (let key = 1; key < keys.end; key++) {
    writer.text(keys.ids[key]!)
    writer.number(keys.of(key, keyField.holder))
    keys.write(writer, key, keyFieldsSaved)
  }
}

export function readKeys (reader: ByteReader, { keys }: Ledger): void {
  const count = reader.number()
  keys.reserve(count)
  for (let left = count; left > 0; left--) {
    const id = reader.text()
    keys.read(reader, keys.open(reader.number(), id), keyFieldsSaved)
  }
}

export function writeRequests (writer: ByteWriter, state: Ledger): void {
  const { positions, requests } = state
  writer.number(requests.arrivals)
  writer.number(requests.count)
  for (const list of [holding, waiting]) {
    for (let position = 1; position < positions.end; position++) {
      for (let slot = positions.of(position, list.first); slot !== 0; slot = requests.of(slot, field.next)) {
        writeRequest(writer, state, slot)
      }
    }
    writer.number(0)
  }
  for (let slot = requests.ended.first; slot !== 0; slot = requests.of(slot, field.next)) {
    writeRequest(writer, state, slot)
  }
  writer.number(0)
}

const textsOf = ({ ids, nonces, recorders, keyIds }: Requests): string[][] => [ids, nonces, recorders, keyIds]

function writeRequest (writer: ByteWriter, { requests, requests: { pieces }, lots }: Ledger, slot: number): void {
  writer.number(requests.of(slot, field.position))
  requests.write(writer, slot, requestFieldsSaved)
  for (const texts of textsOf(requests)) writer.text(texts[slot]!)
  for (let piece = requests.of(slot, field.firstPiece); piece !== 0; piece = pieces.of(piece, pieceField.next)) {
    writer.number(lots.of(pieces.of(piece, pieceField.lot), lotField.id))
    writer.number(pieces.of(piece, pieceField.tokens))
  }
  writer.number(0) // No lot has the id 0.
}

export function readRequests (reader: ByteReader, state: Ledger): void {
  const { requests, requestDeadlines, positions, holders } = state
  requests.arrivals = reader.number()
  requests.reserve(reader.number())
  for (const list of [holding, waiting]) {
    for (let position = reader.number(); position !== 0; position = reader.number()) {
      const slot = readRequest(reader, state, position)
      requests.link(slot, list)
      requestDeadlines.set(slot)
      positions.add(position, positionField.liveHeld, requests.of(slot, field.live))
      holdOfBudget(state, slot, requests.held(slot))
      holders.add(requests.of(slot, field.holder), holderField.openRequests, 1)
      if (list === waiting) holders.add(requests.of(slot, field.holder), holderField.parked, 1)
    }
  }
  for (let position = reader.number(); position !== 0; position = reader.number()) {
    requests.queue(readRequest(reader, state, position))
  }
}

function readRequest (reader: ByteReader, { requests, positions, lots }: Ledger, position: number): number {
  const slot = requests.take()
  requests.put(slot, field.position, position)
  requests.put(slot, field.holder, positions.of(position, positionField.holder))
  requests.read(reader, slot, requestFieldsSaved)
  for (const texts of textsOf(requests)) texts[slot] = reader.text()
  requests.enter(slot)
  for (let lot = reader.number(); lot !== 0; lot = reader.number()) {
    requests.addPiece(slot, lots.index.find(lot), reader.number())
  }
  return slot
}
