import { describe, expect, test } from 'vitest'
import { matching } from '../../../pipelines/matching/stage.ts'
import { cancelDefaults, type MatchingOutput, type OrderCommand, type PlaceOrder } from '../../../schemas/matching/records.ts'
import { type OrderId, holderId, instant, orderId, periodMs } from '../../../schemas/units.ts'
import { listing, textPrime } from './support.ts'
import { limitOrder } from '../../support/orders.ts'
import { stateHash } from '../../../pipelines/runtime/stage.ts'

const stage = matching({ orderUpdates: 8, ledger: 8 })
type Emitted = { topic: string, partition: number, key: string, value: MatchingOutput }

function play (
  commands: readonly OrderCommand[], state = stage.initial(3), { at, version } = { at: 1000, version: 1 }
): Emitted[] {
  const emitted: Emitted[] = []
  commands.forEach((command, offset) => {
    const position = { at: instant(at), partition: 3, offset, version, isLate: false }
    stage.apply(state, command, position, (topic, partition, key, value) => {
      emitted.push({ topic, partition, key, value })
    })
  })
  return emitted
}

const order = (id: OrderId, holder: number, side: 'buy' | 'sell'): PlaceOrder =>
  limitOrder({ id, holder, instrumentId: textPrime, side, price: 1000, quantity: 5 })

describe('the stage', () => {
  test('sends fills and deltas by instrument, updates to the partition of their holder', () => {
    const emitted = play([listing, order(orderId(1), 21, 'sell'), order(orderId(2), 42, 'buy')])
    expect(emitted.map(({ topic, partition, key }) => `${topic} ${partition} ${key}`)).toEqual([
      'order-updates 5 21', 'book-deltas 3 text-prime',
      'fills 3 text-prime', 'order-updates 5 21', 'order-updates 2 42', 'book-deltas 3 text-prime'
    ])
  })

  test('answers a holder that cannot be in a partition that can', () => {
    expect(play([order(orderId(1), -3, 'sell')])[0]).toMatchObject({ topic: 'order-updates', partition: 5, key: '-3' })
  })

  test('tells every partition of the ledger which period it has entered', () => {
    const state = stage.initial(3)
    play([listing], state, { at: 5 * periodMs, version: 2 })
    const told = play([{ ...order(orderId(1), 21, 'buy'), period: 6 }], state, { at: 5 * periodMs + 1, version: 2 })
      .filter(({ value }) => value.kind === 'period-closed')
    expect(told.map(({ topic, partition, key }) => `${topic} ${partition} ${key}`))
      .toEqual([0, 1, 2, 3, 4, 5, 6, 7].map(partition => `ledger ${partition} text-prime`))
    expect(told[0]!.value).toEqual({ kind: 'period-closed', instrumentId: textPrime, period: 6, at: 5 * periodMs + 1 })
  })

  test('restores what it snapshotted, and refuses bytes that are none', () => {
    const state = stage.initial(3)
    play([listing, order(orderId(1), 21, 'sell')], state)
    const bytes = stage.snapshot(state)
    expect(stateHash(stage.snapshot(stage.restore(bytes)))).toBe(stateHash(stage.snapshot(state)))
    expect(() => stage.restore(bytes.subarray(0, bytes.length - 1))).toThrow()
    expect(() => stage.restore(Uint8Array.of(9))).toThrow('unknown format')
    const empty = stage.restore(stage.snapshot(stage.initial(0)))
    expect(stateHash(stage.snapshot(empty))).toBe(stateHash(stage.snapshot(stage.initial(1))))
  })

  test('gives equal states equal hashes, whatever path led there', () => {
    const [here, there] = [stage.initial(3), stage.initial(3)]
    const about = { orderId: orderId(7), holder: holderId(5), instrumentId: textPrime }
    const cancel: OrderCommand = { ...cancelDefaults, kind: 'cancel-order', ...about }
    const second = order(orderId(2), 2, 'sell')
    const first = order(orderId(1), 1, 'sell')
    play([listing, order(orderId(7), 5, 'sell'), cancel, first, second], here)
    // The slots differ: the order that goes takes another one, and comes later.
    play([listing, first, order(orderId(7), 5, 'sell'), second, cancel], there)
    expect(stateHash(stage.snapshot(there))).toBe(stateHash(stage.snapshot(here)))
    play([second], here)
    play([order(orderId(3), 3, 'sell')], there)
    expect(stateHash(stage.snapshot(there))).not.toBe(stateHash(stage.snapshot(here)))
  })
})
