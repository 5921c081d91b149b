// Asserts every invariant of a state, slowly and from the outside. Tests call it after every reading.

import assert from 'node:assert/strict'
import { type Metering, fate } from './metering.ts'

export function validate (state: Metering): void {
  const { seen, limits, counts } = state
  for (const name of fate) assert(Number.isSafeInteger(counts[name]) && counts[name] >= 0, 'E1: a count is none')
  const rows = new Set<number>()
  for (const { second, count } of seen.seconds()) {
    assert(second >= state.firstSecond, 'E3: a second that is too old is remembered')
    assert(count > 0, 'E3: a second with no reading is remembered')
    let walked = 0
    for (const row of seen.rowsOf(second)) {
      assert(!rows.has(row), 'E3: a reading is in two lists')
      assert(seen.ids.has(row) && seen.places.has(row), 'E3: a reading can not be found')
      rows.add(row)
      walked++
    }
    assert.equal(walked, count, 'E3: a second counts something else')
  }
  assert.equal(rows.size, seen.count, 'E3: a reading is in no list')
  assert.equal(seen.ids.count, seen.count, 'E3: an index has what is in no list')
  assert.equal(seen.places.count, seen.count, 'E3: an index has what is in no list')
  assert(seen.count <= limits.readingsMax, 'E3: too many readings are remembered')
}
