// Lots, and when sweep periods were entered, as bytes of a snapshot: position by position, in the order of the list.

import type { ByteReader, ByteWriter } from '../bytes.ts'
import type { Ledger } from '../ledger.ts'
import { positionField } from '../positions.ts'
import { lotField, lotFieldsSaved } from './lot-rows.ts'

export function writeLots (writer: ByteWriter, { lotCount, lots, periods, positions }: Ledger): void {
  writer.number(lotCount)
  writer.number(periods.last)
  writer.number(periods.late.size)
  for (const [period, at] of periods.late) for (const number of [period, at]) writer.number(number)
  writer.number(lots.count)
  for (let position = 1; position < positions.end; position++) {
    let isLive = 0
    for (let lot = positions.of(position, positionField.firstLot); lot !== 0; lot = lots.of(lot, lotField.next)) {
      if (positions.of(position, positionField.firstLive) === lot) isLive = 1
      writer.number(position)
      writer.number(isLive)
      lots.write(writer, lot, lotFieldsSaved)
    }
  }
}

export function readLots (reader: ByteReader, state: Ledger): void {
  const { lots, periods, positions } = state
  state.lotCount = reader.number()
  periods.last = reader.number()
  for (let left = reader.number(); left > 0; left--) periods.late.set(reader.number(), reader.number())
  const count = reader.number()
  lots.reserve(count)
  lots.index.reserve(count)
  for (let left = count; left > 0; left--) {
    const lot = lots.take()
    const position = reader.number()
    const isLive = reader.number() === 1
    lots.read(reader, lot, lotFieldsSaved)
    lots.put(lot, lotField.position, position)
    lots.index.add(lot)
    lots.append(lot, { isLive })
    if (isLive) positions.add(position, positionField.live, lots.of(lot, lotField.tokens))
    else positions.add(position, positionField.expiredHeld, lots.of(lot, lotField.heldExpired))
  }
}
