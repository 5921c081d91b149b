import { describe, expect, test } from 'vitest'
import { readSnapshot, writeSnapshot } from '../../../pipelines/matching/format.ts'
import { fromSnapshot, takeSnapshot } from '../../../pipelines/matching/snapshot.ts'
import { validate } from '../../../pipelines/matching/validate.ts'
import { instant, microdollars, orderId, periodOf } from '../../../schemas/units.ts'
import { Market, tick } from './support.ts'

const bytesOf = (market: Market): Uint8Array => writeSnapshot(takeSnapshot(market.state))

describe('a snapshot', () => {
  test('of version 2 has stops by age, expiries, pairs, grants, stamps and the period', () => {
    const market = new Market()
    const expiresAt = instant(market.at + 5000)
    const period = periodOf(instant(market.at))
    market.place(1, { ticks: 110, side: 'sell', type: 'stop', stopPrice: microdollars(90 * tick) })
    const held = { isHeld: true, grantNotional: microdollars(70), period }
    market.place(2, { ticks: 95, ...held, timeInForce: 'day', expiresAt })
    const [stopPrice, price] = [microdollars(90 * tick), microdollars(80 * tick)]
    const oco = { orderId: orderId(4), isLimit: true, stopPrice, price }
    market.place(3, { ticks: 120, side: 'sell', oco, isIssuer: true })
    const bytes = bytesOf(market)
    const restored = fromSnapshot(readSnapshot(bytes))
    validate(restored)
    expect(writeSnapshot(takeSnapshot(restored))).toEqual(bytes)
    expect(takeSnapshot(restored)).toMatchObject({
      period,
      orders: [
        { orderId: 2, isHeld: true, grant: 70, expiresAt, period, other: 0 },
        { orderId: 3, isIssuer: true, other: 4 }
      ],
      stops: [{ orderId: 1, isLimit: false, stopTicks: 90 }, { orderId: 4, isLimit: true, other: 3 }]
    })
  })

  test('of version 1 is read under version 2, and written as it was until then', () => {
    const market = new Market({}, 1)
    market.place(1, { ticks: 95, isHeld: true })
    market.place(2, { ticks: 96 })
    const bytes = bytesOf(market)
    expect(bytes[0]).toBe(1)
    const restored = fromSnapshot(readSnapshot(bytes))
    expect(writeSnapshot(takeSnapshot(restored))).toEqual(bytes)
    const { orders } = takeSnapshot(restored)
    expect(orders.map(({ orderId, isHeld }) => [orderId, isHeld])).toEqual([[2, false], [1, false]])
    expect(restored.period).toBe(0)
  })

  test('of another format is refused, and so is one with bytes missing or left over', () => {
    const bytes = bytesOf(new Market())
    expect(() => readSnapshot(Uint8Array.of(3, ...bytes.subarray(1)))).toThrow('unknown format')
    expect(() => readSnapshot(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError)
    expect(() => readSnapshot(Uint8Array.of(...bytes, 0))).toThrow('bytes left over')
  })
})
