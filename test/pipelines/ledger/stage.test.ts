import { describe, expect, test } from 'vitest'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import { Accounts, ada, ben, postings, states, textPrime } from './support.ts'
import { orderId } from '../../../schemas/units.ts'
import { topics } from '../../../schemas/topics.ts'
import { instant, holderId, ownerId, microdollars, units } from '../../../schemas/units.ts'
import { stateHash } from '../../../pipelines/runtime/stage.ts'

describe('an order', () => {
  test('is held for, filled, paid and released', () => {
    const accounts = new Accounts()
    const { orderId, outputs } = accounts.submit()
    expect(outputs.map(output => output.kind)).toEqual(['place-order'])
    expect(accounts.holder().cash).toEqual({ posted: 100_000_000, held: 1_001_000 })
    const filled = accounts.matched(orderId, { legs: [{ price: 99_000, quantity: 4, role: 'taker' }] })
    expect(postings(filled)).toEqual([[
      `cash ${ada} usd -396396`, 'in_transit 0 usd 396000', 'fees 0 usd 396',
      `trading ${ada} text-prime 4`, 'in_transit 0 text-prime -4'
    ]])
    expect(states(filled)[0]).toMatchObject({ status: 'partly_filled', filledQuantity: 4, fee: 396, heldAmount: 600_600 })
    accounts.restart()
    accounts.cancel(orderId)
    accounts.matched(orderId, { cause: 'cancel', status: 'cancelled', closureReason: 'cancelled' })
    expect(accounts.holder().cash).toEqual({ posted: 99_603_604, held: 0 })
    accounts.restart()
  })

  test('of issued units earns proceeds that are pending', () => {
    const accounts = new Accounts()
    accounts.supply(ben, 20)
    const { orderId } = accounts.submit({ holder: ben, side: 'sell' })
    accounts.matched(orderId, { legs: [{ price: 100_000, quantity: 10, role: 'taker' }] })
    expect(accounts.holder(ben)).toMatchObject({ pending: 999_000, cash: { posted: 100_000_000, held: 0 } })
  })
})

test('a reference is one of its kind of command: another kind may have the same', () => {
  const accounts = new Accounts()
  accounts.open(ben, { isIssuer: true })
  const move = { holder: ben, instrumentId: textPrime, quantity: units(20), reference: 'first' }
  accounts.say({ kind: 'issue-supply', ...move })
  accounts.say({ kind: 'transfer-issued', ...move })
  accounts.say({ kind: 'transfer-issued', ...move })
  expect(accounts.position(ben)).toMatchObject({ issuance: 0, trading: { posted: 20, held: 0 } })
})

describe('the stage', () => {
  test('sends each record where it belongs', () => {
    const stage = ledger()
    const state = stage.initial(3)
    const sent: string[] = []
    const at = { at: instant(1_700_000_000_000), partition: 3, offset: 0, version: 1, isLate: false }
    const emit = (topic: string, partition: number, key: string, value: { kind: string }): void => {
      sent.push(`${value.kind} → ${topic} ${partition} ${key}`)
    }
    const owner = ownerId(1)
    stage.apply(state, { kind: 'list-instrument', instrumentId: textPrime, index: 1, referencePrice: microdollars(1) }, at, emit)
    stage.apply(state, { kind: 'set-holder', holder: holderId(11), owner, isIssuer: false, isSuspended: false }, at, emit)
    stage.apply(state, { kind: 'deposit', holder: holderId(11), amount: microdollars(5), isGrant: false, reference: 'a' }, at, emit)
    stage.apply(state, { kind: 'transfer-funds', holder: holderId(11), owner, to: holderId(4), amount: microdollars(5), reference: 'b' }, at, emit)
    stage.apply(state, { kind: 'submit-cancel', holder: holderId(11), orderId: orderId(1) }, at, emit)
    expect(sent).toEqual([
      'command-outcome → order-updates 0 0',
      'command-outcome → order-updates 3 11',
      'journal-entry → ledger-entries 3 11', 'command-outcome → order-updates 3 11',
      'journal-entry → ledger-entries 3 11', 'receive-funds → ledger 4 4', 'command-outcome → order-updates 3 11',
      'command-outcome → order-updates 3 11'
    ])
    expect(stage.writes).toContain(topics.ledger.name)
    expect(stateHash(stage.snapshot(stage.restore(stage.snapshot(state))))).toBe(stateHash(stage.snapshot(state)))
  })
})
