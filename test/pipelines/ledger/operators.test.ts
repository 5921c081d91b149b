import { describe, expect, test } from 'vitest'
import { referencePrice } from '../../../pipelines/ledger/views.ts'
import { type FeeTier, ledgerParameters } from '../../../schemas/ledger/commands.ts'
import { basisPoints, instrumentId, instant, microdollars } from '../../../schemas/units.ts'
import { Accounts, outcomes, placed, refusal, textPrime } from './support.ts'

const listing = { kind: 'list-instrument', instrumentId: textPrime, index: 1, referencePrice: microdollars(100_900) } as const
const parameters = { kind: 'set-ledger-parameters', ...ledgerParameters } as const
const tier = (volumeFrom: number, makerBp: number, takerBp: number): FeeTier =>
  ({ volumeFrom: microdollars(volumeFrom), makerBp: basisPoints(makerBp), takerBp: basisPoints(takerBp) })

describe('an instrument', () => {
  test('keeps its index for good', () => {
    const accounts = new Accounts()
    expect(refusal(accounts.say(listing))).toBeNull()
    expect(refusal(accounts.say({ ...listing, index: 2 }))).toBe('unsupported')
    expect(refusal(accounts.say({ ...listing, instrumentId: instrumentId('code-max') }))).toBe('unsupported')
    expect(refusal(accounts.say({ ...listing, instrumentId: instrumentId('code-max'), index: 0 }))).toBeNull()
    expect(placed(accounts.submit({ instrumentId: instrumentId('code-max') }).outputs)).toHaveLength(1)
  })

  test.each([
    [{ index: -1 }, 'unsupported'], [{ index: 32 }, 'unsupported'], [{ instrumentId: instrumentId('') }, 'unsupported'],
    [{ instrumentId: instrumentId('x'.repeat(65)) }, 'unsupported'], [{ referencePrice: microdollars(0) }, 'invalid_price']
  ])('that makes no sense is refused: %o', (terms, reason) => {
    const outputs = new Accounts().say({ ...listing, instrumentId: instrumentId('new'), index: 3, ...terms })
    expect(outcomes(outputs)).toMatchObject([{ holder: 0, command: 'list-instrument', refusal: reason }])
  })

  test('has the reference price that matching said, whenever it said it', () => {
    const accounts = new Accounts()
    const late = instrumentId('late-one')
    expect(referencePrice(accounts.state, textPrime)).toBe(100_900)
    accounts.say({ ...listing, referencePrice: microdollars(100_000) })
    expect(referencePrice(accounts.state, textPrime)).toBe(100_000)
    for (const of of [textPrime, late]) accounts.say({ kind: 'reference-price', instrumentId: of, price: microdollars(5), at: instant(1) })
    accounts.say({ ...listing, instrumentId: late, index: 2 })
    accounts.say(listing)
    expect([textPrime, late].map(of => referencePrice(accounts.state, of))).toEqual([5, 5])
    accounts.say({ kind: 'reference-price', instrumentId: textPrime, price: microdollars(-5), at: instant(1) })
    accounts.restart()
    expect(referencePrice(accounts.state, textPrime)).toBe(5)
  })
})

describe('parameters', () => {
  test.each([
    [{ feeTiers: [] }],
    [{ feeTiers: [tier(1, 0, 0)] }],
    [{ feeTiers: [tier(0, 0, 501)] }],
    [{ feeTiers: [tier(0, -1, 0)] }],
    [{ feeTiers: [tier(0, 0, 0), tier(0, 0, 0)] }],
    [{ feeTiers: Array.from({ length: 33 }, (_, number) => tier(number, 0, 0)) }],
    [{ openOrdersMax: 0 }],
    [{ openOrdersMax: 10_001 }],
    [{ stopSlippageBp: basisPoints(5001) }],
    [{ freeRequestsPerDay: -1 }],
    [{ freeRequestsPerDay: 1_000_001 }],
    [{ freeOpenMax: -1 }],
    [{ freeOpenMax: 1_000_001 }]
  ])('that make no sense change nothing: %o', terms => {
    const accounts = new Accounts()
    expect(refusal(accounts.say({ ...parameters, ...terms }))).toBe('unsupported')
    expect(accounts.state.parameters).toEqual(ledgerParameters)
  })

  test('hold until others come', () => {
    const accounts = new Accounts()
    const feeTiers = [tier(0, 5, 20), tier(1_000_000, 0, 10)]
    expect(refusal(accounts.say({ ...parameters, feeTiers }, true))).toBe('too_late')
    expect(refusal(accounts.say({ ...parameters, feeTiers }))).toBeNull()
    accounts.restart()
    expect(accounts.holder()).toMatchObject({ makerBp: 5, takerBp: 20 })
    expect(refusal(accounts.say({ ...parameters, freeRequestsPerDay: 0, freeOpenMax: 1_000_000 }))).toBeNull()
    accounts.restart()
    expect(accounts.state.parameters).toEqual({ ...ledgerParameters, freeRequestsPerDay: 0, freeOpenMax: 1_000_000 })
  })
})
