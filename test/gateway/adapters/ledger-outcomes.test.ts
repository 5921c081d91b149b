// What is remembered of commands that go by, and for how long.

import { describe, expect, test } from 'vitest'
import { Outcomes, type Answers, type Seen } from '../../../gateway/adapters/ledger-outcomes.ts'
import type { Answer } from '../../../gateway/ports.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import type { LedgerCommand } from '../../../schemas/ledger/commands.ts'
import { holderId, instant, microdollars, orderId } from '../../../schemas/units.ts'

const start = 1_700_000_000_000
const withdraw: LedgerCommand = { kind: 'withdraw', holder: holderId(11), amount: microdollars(1), reference: 'r' }
const cancel: LedgerCommand = { kind: 'submit-cancel', holder: holderId(11), orderId: orderId(77) }

const answers = (at: number): Answers => ({
  position: { topic: 'ledger-1', partition: 3, offset: 9 }, now: instant(at), firstAnswer: () => null, orderByCommand: () => null
})

const outcome = { kind: 'command-outcome', holder: 11, command: 'withdraw', refusal: null, orderId: 0, count: 0, reference: 'r', at: start }

class Passing {
  readonly outcomes = new Outcomes(() => withdraw)
  at = start
  heard: Answer[] = []

  /** True when it is to be sent. */
  ask (id: string, command = withdraw, validMs = 5000): boolean {
    const tag = { id, validUntil: instant(this.at + validMs) }
    return !this.outcomes.ask({ command, tag }, answer => this.heard.push(answer), answers(this.at))
  }

  see (id: string, seen: Partial<Seen> = {}): void {
    const headers = { command: writeCommandTag({ id, validUntil: instant(this.at + 5000) }) }
    const record = { offset: 9, timestamp: instant(this.at), key: null, value: null, headers }
    this.outcomes.see({ fate: 'applied', record, outputs: [outcome], answers: answers(this.at), ...seen })
  }

  clock (ms: number): void {
    this.at += ms
    const record = { offset: 9, timestamp: instant(this.at), key: null, value: null, headers: {} }
    this.outcomes.see({ fate: 'clock', record, outputs: [], answers: answers(this.at) })
  }
}

describe('a command that went by', () => {
  test('answers repeats for as long as its signature is taken, and is forgotten then', () => {
    const passing = new Passing()
    passing.see('theirs')
    passing.clock(64_000)
    expect(passing.ask('theirs')).toBe(false)
    expect(passing.heard).toMatchObject([{ kind: 'done', outcome: { reference: 'r' } }])
    passing.clock(1001)
    expect(passing.outcomes.size).toBe(0)
    expect(passing.ask('theirs')).toBe(true)
  })

  test('is forgotten early only under a flood', () => {
    const passing = new Passing()
    for (let index = 0; index <= 25_000; index++) passing.see(`c${index}`)
    expect(passing.outcomes.size).toBe(25_000)
    expect(passing.ask('c0')).toBe(true)
    expect(passing.ask('c1')).toBe(false)
  })

  test('keeps its first answer, whatever comes under its id later', () => {
    const passing = new Passing()
    passing.see('theirs')
    passing.see('theirs', { outputs: [{ ...outcome, refusal: 'insufficient_balance' }] as never })
    passing.ask('theirs')
    expect(passing.heard).toMatchObject([{ kind: 'done' }])
  })
})

describe('a command that was sent', () => {
  test.each(['dead-letter', 'skipped'] as const)('and was set aside (%s) was not accepted', fate => {
    const passing = new Passing()
    passing.ask('mine')
    passing.see('mine', { fate, outputs: [] })
    expect(passing.heard).toEqual([{ kind: 'not_accepted' }])
  })

  test('and that the stage knew before this gateway did has an unknown outcome, with its order', () => {
    const passing = new Passing()
    passing.ask('mine', cancel)
    passing.see('mine', { fate: 'duplicate', outputs: [] })
    expect(passing.heard).toEqual([{ kind: 'unknown', orderId: 77 }])
  })

  test('is not accepted once stage time is past its validity, and not before', () => {
    const passing = new Passing()
    passing.ask('mine')
    passing.clock(5000)
    expect(passing.heard).toEqual([])
    passing.clock(1)
    expect(passing.heard).toEqual([{ kind: 'not_accepted' }])
    expect(passing.outcomes.size).toBe(0)
  })

  test('and that nobody waits for any more is nobody\'s; seen later, it still answers a repeat', () => {
    const passing = new Passing()
    const told = (): void => {}
    passing.outcomes.ask({ command: withdraw, tag: { id: 'mine', validUntil: instant(start) } }, told, answers(start))
    expect(passing.outcomes.leave('mine', told)).toBeNull()
    expect(passing.outcomes.size).toBe(0)
    passing.see('mine')
    expect(passing.ask('mine')).toBe(false)
  })

  test('that says nothing of itself is unknown', () => {
    const passing = new Passing()
    passing.ask('mine')
    passing.see('mine', { outputs: [] })
    expect(passing.heard).toEqual([{ kind: 'unknown', orderId: null }])
  })
})
