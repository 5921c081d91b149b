// The three tables that find something again, each against a map of the language's own.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayField, Volumes } from '../../../pipelines/ledger/volumes.ts'
import { Holders } from '../../../pipelines/ledger/holders.ts'
import { IdIndex } from '../../../pipelines/ledger/id-index.ts'
import { type Keyed, References } from '../../../pipelines/ledger/references.ts'
import { TextIndex, wideHashOf } from '../../../pipelines/ledger/text-index.ts'
import { holderId } from '../../../schemas/units.ts'

const runs = { numRuns: 100, seed: 20_261_121 }
// Ids that are far apart and near, so that runs are long and wrap around.
const near = fc.integer({ min: 1, max: 40 })
const id = fc.oneof(near, near.map(number => number * 2 ** 33 + 128))
const steps = fc.array(fc.record({ id, isAdded: fc.boolean() }), { maxLength: 600, size: 'max' })

test('an id leads to its slot, until it is removed', () => {
  fc.assert(fc.property(steps, sequence => {
    const rows = new Volumes(new Holders())
    const index = new IdIndex(rows, dayField.day)
    const slots = new Map<number, number>()
    for (const step of sequence) {
      const slot = slots.get(step.id)
      if (step.isAdded && slot === undefined) {
        const taken = rows.take()
        rows.put(taken, dayField.day, step.id)
        index.add(taken)
        slots.set(step.id, taken)
      } else if (!step.isAdded && slot !== undefined) {
        index.remove(slot)
        rows.free(slot)
        slots.delete(step.id)
      }
      if (index.find(step.id) !== (slots.get(step.id) ?? 0)) throw new Error(`${step.id} is found elsewhere`)
    }
    for (const [known, at] of slots) expect(index.find(known)).toBe(at)
    expect(rows.count).toBe(slots.size)
  }), runs)
})

test('a text leads to its slot within its group, until it is removed', () => {
  const text = fc.constantFrom('a', 'b', 'ab', 'ba', 'abc', '')
  const step = fc.record({ text, group: fc.integer({ min: 1, max: 200 }), isAdded: fc.boolean() })
  const textSteps = fc.array(step, { maxLength: 600, size: 'max' })
  fc.assert(fc.property(textSteps, fc.integer(), (sequence, seed) => {
    const entries: { text: string, group: number }[] = [{ text: '', group: 0 }]
    const index = new TextIndex({ textOf: slot => entries[slot]!.text, groupOf: slot => entries[slot]!.group })
    index.seed(seed)
    const slots = new Map<string, number>()
    for (const { text, group, isAdded } of sequence) {
      const key = `${group} ${text}`
      const slot = slots.get(key)
      if (isAdded && slot === undefined) {
        slots.set(key, entries.push({ text, group }) - 1)
        index.add(slots.get(key)!)
      } else if (!isAdded && slot !== undefined) {
        index.remove(slot)
        slots.delete(key)
      }
      if (index.find(group, text) !== (slots.get(key) ?? 0)) throw new Error(`${key} is found elsewhere`)
    }
    expect(index.count).toBe(slots.size)
    for (const slot of slots.values()) expect(index.find(entries[slot]!.group, entries[slot]!.text)).toBe(slot)
  }), runs)
})

test('references are found with what was asked, through releases and restores', () => {
  const keyed = fc.record({
    kind: fc.constantFrom('deposit', 'withdraw'),
    holder: fc.integer({ min: 1, max: 5 }).map(holderId),
    reference: fc.constantFrom('a', 'b', 'ü', 'x'.repeat(200), '漢'.repeat(200))
  })
  const does = fc.constantFrom('keep', 'keep', 'release', 'restart')
  const step = fc.record({ keyed, does, content: fc.string() })
  fc.assert(fc.property(fc.array(step, { maxLength: 300, size: 'max' }), sequence => {
    let references = new References()
    const contents = new Map<string, { keyed: Keyed, content: string }>()
    for (const step of sequence) {
      const key = JSON.stringify(step.keyed)
      if (step.does === 'restart') {
        const restored = new References()
        restored.restore(references.bytes())
        if (Buffer.compare(restored.bytes(), references.bytes()) !== 0) throw new Error('restored to something else')
        references = restored
      } else if (step.does === 'release') {
        references.release(step.keyed)
        contents.delete(key)
      } else if (!contents.has(key)) {
        references.keep(step.keyed, step.content)
        contents.set(key, step)
      }
      if (references.find(step.keyed) !== contents.get(key)?.content) throw new Error(`${key} says something else`)
    }
    for (const { keyed, content } of contents.values()) expect(references.find(keyed)).toBe(content)
  }), runs)
})

test('command ids are told apart by their hash', () => {
  const id = (number: number): string => `0192f5a0-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
  const hashes = new Set(Array.from({ length: 100_000 }, (_, number) => wideHashOf(id(number))))
  expect(hashes.size).toBe(100_000)
  for (const hash of hashes) if (!Number.isSafeInteger(hash) || hash < 0) throw new Error(`${hash} does not fit a row`)
})
