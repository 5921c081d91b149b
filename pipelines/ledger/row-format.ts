// A row of a table as bytes: the fields that are kept, in order.

import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Rows } from './rows.ts'

export function writeRow (writer: ByteWriter, rows: Rows, slot: number, fields: readonly number[]): void {
  for (const field of fields) writer.number(rows.of(slot, field))
}

export function readRow (reader: ByteReader, rows: Rows, slot: number, fields: readonly number[]): void {
  for (const field of fields) rows.put(slot, field, reader.number())
}
