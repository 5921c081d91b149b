// The whole state as bytes. Equal states give equal bytes, whatever path led to them: readings stand by second, and
// within one in the order in which they came; no row's number shows. So the hash of a state is the hash of its bytes.

import assert from 'node:assert/strict'
import type { Instant } from '../../schemas/units.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { type Limits, fate, Metering } from './metering.ts'
import { wordsSaved } from './rows.ts'

const formatVersion = 1
const wordBytes = 4

export function writeSnapshot (state: Metering): Uint8Array {
  const { seen } = state
  const writer = new ByteWriter()
  for (const number of [formatVersion, state.now, state.horizon, state.seed]) writer.number(number)
  for (const name of fate) writer.number(state.counts[name])
  const seconds = seen.seconds()
  writer.number(seconds.length)
  writer.number(seen.count)
  for (const { second, count } of seconds) {
    writer.number(second)
    writer.number(count)
    writer.reserve(count * wordsSaved * wordBytes)
    for (const row of seen.rowsOf(second)) {
      for (let field = 0; field < wordsSaved; field++) writer.word(seen.rows.of(row, field))
    }
  }
  return writer.written()
}

/** Throws when the bytes are not a snapshot of this format. */
export function readSnapshot (bytes: Uint8Array, limits?: Limits): Metering {
  const reader = new ByteReader(bytes)
  const state = new Metering(limits)
  assert.equal(reader.number(), formatVersion, 'a snapshot of metering in an unknown format')
  state.now = reader.number() as Instant
  state.horizon = reader.number() as Instant
  state.seed = reader.number()
  for (const name of fate) state.counts[name] = reader.number()
  const seconds = reader.number()
  state.seen.reserve(reader.number())
  const words = new Int32Array(wordsSaved)
  for (let index = 0; index < seconds; index++) {
    const second = reader.number()
    for (let left = reader.number(); left > 0; left--) {
      for (let field = 0; field < wordsSaved; field++) words[field] = reader.word()
      state.seen.keepWords(words, second)
    }
  }
  reader.end()
  return state
}
