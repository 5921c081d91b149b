// The fast book against its naive twin: the same outputs and the same state hash after every single command.
//
// MATCHING_SEQUENCES sets how many sequences of commands are tried; 10,000 and more are for a quiet afternoon.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { apply } from '../../pipelines/matching/apply.ts'
import { Matching } from '../../pipelines/matching/matching.ts'
import { readSnapshot, writeSnapshot } from '../../pipelines/matching/format.ts'
import { fromSnapshot, takeSnapshot } from '../../pipelines/matching/snapshot.ts'
import { Tape } from '../../pipelines/matching/tape.ts'
import { validate } from '../../pipelines/matching/validate.ts'
import type { MatchingOutput } from '../../schemas/matching/records.ts'
import { BookNaive } from './book-naive.ts'
import { type Step, sequences } from './matching-commands.ts'

const numRuns = Number(process.env['MATCHING_SEQUENCES'] ?? 1000)
const seed = 20_261_121
const commandsMax = 80
const timeoutMs = 60_000 + numRuns * 60

const tape = new Tape()

const bytesOf = (state: Matching): Uint8Array => writeSnapshot(takeSnapshot(state))
const hashOf = (state: Matching): string => hash('sha256', bytesOf(state))

function play (state: Matching, { command, position }: Step): MatchingOutput[] {
  apply(state, command, position, tape)
  return tape.outputs()
}

function judge (state: Matching, twin: BookNaive, step: Step): void {
  const outputs = play(state, step)
  const expected = twin.apply(step.command, step.position)
  // The matcher of vitest explains; node's comparison is what can be afforded after every command.
  if (!isDeepStrictEqual(outputs, expected)) expect(outputs).toStrictEqual(expected)
  validate(state)
  expect(hashOf(state)).toBe(twin.hash())
}

describe('matching', () => {
  test('agrees with one sorted list, command by command', () => {
    fc.assert(fc.property(sequences(commandsMax), steps => {
      const state = new Matching()
      const twin = new BookNaive()
      for (const step of steps) judge(state, twin, step)
    }), { seed, numRuns })
  }, timeoutMs)

  test('goes on from a snapshot as if nothing had happened', () => {
    fc.assert(fc.property(sequences(commandsMax), fc.nat(commandsMax), (steps, where) => {
      const state = new Matching()
      for (const step of steps.slice(0, where)) play(state, step)
      const restored = fromSnapshot(readSnapshot(bytesOf(state)))
      validate(restored)
      expect(hashOf(restored)).toBe(hashOf(state))
      for (const step of steps.slice(where)) {
        const [here, there] = [play(restored, step), play(state, step)]
        if (!isDeepStrictEqual(here, there)) expect(here).toStrictEqual(there)
      }
      expect(hashOf(restored)).toBe(hashOf(state))
    }), { seed, numRuns: Math.ceil(numRuns / 10) })
  }, timeoutMs)

  test('fills conserve quantity, and sequences have no gaps', () => {
    fc.assert(fc.property(sequences(commandsMax), steps => {
      const state = new Matching()
      const outputs = steps.flatMap(step => play(state, step))
      const fills = outputs.filter(output => output.kind === 'fill')
      const deltas = outputs.filter(output => output.kind === 'book-delta')
      expect(fills.map(fill => fill.sequence)).toEqual(fills.map((_, index) => index + 1))
      expect(deltas.map(delta => delta.sequence)).toEqual(deltas.map((_, index) => index + 1))
      expect(levelsOf(deltas)).toEqual(levelsOf([{
        changes: takeSnapshot(state).orders.map(({ side, ticks }) => ({
          side,
          price: ticks * state.tickSize,
          quantity: state.book.quantityAt(ticks),
          orders: state.book.ordersAt(ticks)
        }))
      }]))
    }), { seed, numRuns: Math.ceil(numRuns / 10) })
  }, timeoutMs)
})

type Change = { side: string, price: number, quantity: number, orders: number }

/** What a reader of book deltas has in the end, sorted. */
function levelsOf (deltas: readonly { changes: readonly Change[] }[]): string[] {
  const levels = new Map<string, Change>()
  for (const { changes } of deltas) {
    for (const change of changes) {
      const key = `${change.side} ${change.price}`
      if (change.quantity === 0) levels.delete(key)
      else levels.set(key, change)
    }
  }
  return Array.from(levels, ([key, { quantity, orders }]) => `${key}: ${quantity} in ${orders}`).sort()
}
