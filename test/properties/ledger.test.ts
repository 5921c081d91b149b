// The ledger against its naive twin: the same outputs and the same views after every single command, every invariant
// besides, and the same state after a restart in the middle of anything.
//
// LEDGER_SEQUENCES sets how many sequences of commands are tried, LEDGER_SEED from which on; 10,000 and more are for a
// quiet afternoon.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import {
  type LedgerOutput, entryType, holderAccount, houseAccount, ledgerOrderStatus
} from '../../schemas/ledger/records.ts'
import { ledgerRefusal, usageRefusal } from '../../schemas/ledger/refusals.ts'
import { authorizationStatus, lotChange } from '../../schemas/ledger/usage-records.ts'
import { sequences, sequencesOfGrants, type Step } from './ledger-commands.ts'
import { Pair } from './ledger-pair.ts'

const numRuns = Number(process.env['LEDGER_SEQUENCES'] ?? 250)
const seed = Number(process.env['LEDGER_SEED'] ?? 20_261_121)
const strides = 175
const timeoutMs = 60_000 + numRuns * 100

/** What a record shows that it was there for. */
function * wordsOf (output: LedgerOutput): Generator<string> {
  if ('refusal' in output && output.refusal !== null) yield output.refusal
  if (output.kind === 'journal-entry') {
    yield output.type
    for (const { account } of output.postings) yield account
    if (output.usage?.managedPrice != null) yield 'managed, captured'
    if (output.trade !== null && output.trade.grant > 0) yield `grant spent by a ${output.trade.side}`
    for (const { change, grant } of output.lots) {
      yield change
      if (grant > 0) yield `grant in what is ${change}`
    }
  } else if (output.kind === 'order-state') {
    yield output.status
    if (output.closureReason !== null) yield output.closureReason
    if (output.otherLeg !== 0 && output.filledQuantity > 0) yield 'a leg filled'
  } else if (output.kind === 'authorization-state') {
    yield output.status
    if (output.isManaged) yield `managed, ${output.status}`
    if (output.cause === 'extend-usage' && output.isManaged) yield 'managed, extended'
  } else if (output.kind === 'unbilled-usage') {
    yield output.reason
  } else {
    yield output.kind
  }
}

/** What so many sequences must have come across, or they are not worth their time. */
const wanted = new Set<string>([
  ...ledgerRefusal, ...entryType, ...holderAccount, ...houseAccount, ...ledgerOrderStatus.filter(status => status !== 'held'),
  'cancelled', 'partially_filled_no_liquidity', 'swept', 'oco', 'dead_man', 'mode_change', 'suspended',
  'place-order', 'amend-order', 'cancel-order', 'receive-funds', 'return-funds',
  'a leg filled', 'grant spent by a buy', 'grant spent by a sell',
  // A thousand that wait are for a scenario.
  ...usageRefusal.filter(refusal => refusal !== 'too_many_parked'),
  'managed, authorized', 'managed, started', 'managed, extended', 'managed, voided', 'managed, lapsed',
  'managed, captured',
  ...authorizationStatus, ...lotChange, ...lotChange.map(change => `grant in what is ${change}`),
  'unknown_request', 'not_started', 'stale_nonce', 'closed_request', 'beyond_held', 'voided', 'below_produced'
])

/** Plays them, and returns what came across. */
function played (all: fc.Arbitrary<Step[]>, numRuns: number): ReadonlySet<string> {
  const seen = new Set<string>()
  fc.assert(fc.property(all, sequence => {
    const pair = new Pair()
    for (const step of sequence) pair.take(step)
    for (const output of pair.seen) for (const word of wordsOf(output)) seen.add(word)
  }), { numRuns, seed })
  return seen
}

describe('the ledger', () => {
  test('agrees with its twin, whatever it is told', () => {
    const seen = played(sequences(strides), numRuns)
    expect([...wanted].filter(word => !seen.has(word))).toEqual([])
  }, timeoutMs)

  test('agrees with its twin where grant money is all there is', () => {
    const seen = played(sequencesOfGrants(strides), Math.ceil(numRuns / 2))
    const words = ['grant spent by a buy', 'a leg filled', 'order_changed', 'insufficient_balance', 'partially_filled_no_liquidity']
    expect(words.filter(word => !seen.has(word))).toEqual([])
  }, timeoutMs)
})
