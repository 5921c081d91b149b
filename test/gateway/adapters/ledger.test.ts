// Commands through the real stages, answered from a gateway's replica.

import { describe, expect, test } from 'vitest'
import { instant, microdollars, orderId, units } from '../../../schemas/units.ts'
import { ada, ben, orderOf, partition, prime, SmallMarket } from './small-market.ts'

const asItIs = { price: null, stopPrice: null, timeInForce: null, expiresAt: null }

const amendOf = (id: number, quantity: number) =>
  ({ ...asItIs, kind: 'submit-amend', holder: ada, orderId: orderId(id), quantity: units(quantity) } as const)

const cancelOf = (id: number) => ({ kind: 'submit-cancel', holder: ada, orderId: orderId(id) } as const)

async function rested (market: SmallMarket, gateway = market.gateway(), id = 'o1') {
  const answer = await gateway.outcome(id, orderOf(id))
  if (answer.kind !== 'order') throw new Error(answer.kind)
  return { gateway, orderId: answer.order.orderId }
}

describe('an order is answered', () => {
  test('once matching has let it rest', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const answer = await gateway.outcome('o1', orderOf('o1'))
    expect(answer).toMatchObject({ kind: 'order', order: { status: 'resting', holder: ada, filledQuantity: 0, heldAmount: 1_001_000 } })
    expect(gateway.port.openOrders(ada)).toHaveLength(1)
  })

  test('not by its own hold: its first result is a later record', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const answer = gateway.submit('o1', orderOf('o1'))
    gateway.follow()
    expect(gateway.port.openOrders(ada)).toMatchObject([{ status: 'held' }])
    expect(await Promise.race([answer, Promise.resolve('waiting')])).toBe('waiting')
    market.settle()
    expect(await answer).toMatchObject({ kind: 'order', order: { status: 'resting' } })
  })

  test('with its fills, and the balances are those after them', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    await gateway.outcome('sell', orderOf('sell', { holder: ben, side: 'sell' }))
    const answer = await gateway.outcome('buy', orderOf('buy'))
    const filled = { status: 'filled', filledQuantity: 10, filledNotional: 1_000_000, fee: 1000 }
    expect(answer).toMatchObject({ kind: 'order', order: filled })
    expect(gateway.port.holder(ada)).toMatchObject({ cash: { posted: 98_999_000, held: 0 } })
    const bought = { instrumentId: prime.instrumentId, trading: { posted: 110, held: 0 } }
    expect(gateway.port.positions(ada)).toMatchObject([bought])
  })

  test('when the ledger refuses it', async () => {
    const answer = await new SmallMarket().gateway().outcome('o1', orderOf('o1', { quantity: units(10_000) }))
    expect(answer).toMatchObject({ kind: 'refused', refusal: 'insufficient_balance', order: { status: 'refused' } })
  })

  test('when matching refuses it, with the order that it was', async () => {
    const answer = await new SmallMarket().gateway().outcome('o1', orderOf('o1', { price: microdollars(900_000) }))
    expect(answer).toMatchObject({ kind: 'refused', refusal: 'price_band', order: { status: 'refused', heldAmount: 0 } })
  })

  test('with both its legs in the book', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const oco = { isLimit: false, stopPrice: microdollars(90_000), price: microdollars(85_500) }
    const answer = await gateway.outcome('o1', orderOf('o1', { side: 'sell', price: microdollars(110_000), oco }))
    if (answer.kind !== 'order') throw new Error(answer.kind)
    expect(answer.order).toMatchObject({ status: 'resting', type: 'limit' })
    expect(gateway.port.order(ada, answer.order.otherLeg)).toMatchObject({ status: 'resting', type: 'stop', otherLeg: answer.order.orderId })
  })
})

describe('a change is answered', () => {
  test('a cancel once the order is closed', async () => {
    const { gateway, orderId: id } = await rested(new SmallMarket())
    expect(await gateway.outcome('c1', cancelOf(id))).toMatchObject({ kind: 'order', order: { status: 'cancelled', closureReason: 'cancelled' } })
    expect(await gateway.outcome('c2', cancelOf(id))).toMatchObject({ kind: 'refused', refusal: 'order_already_cancelled' })
    expect(await gateway.outcome('c3', cancelOf(123_456))).toMatchObject({ kind: 'refused', refusal: 'unknown_order' })
  })

  test('two cancels at once by the one closing', async () => {
    const market = new SmallMarket()
    const { gateway, orderId: id } = await rested(market)
    const answers = [gateway.submit('c1', cancelOf(id)), gateway.submit('c2', cancelOf(id))]
    market.settle()
    expect(await Promise.all(answers)).toMatchObject([{ kind: 'order' }, { kind: 'order' }])
  })

  test('a cancel that a fill overtook is told of the fill', async () => {
    const market = new SmallMarket()
    const { gateway, orderId: id } = await rested(market)
    const sale = gateway.submit('sell', orderOf('sell', { holder: ben, side: 'sell' }))
    const cancel = gateway.submit('c1', cancelOf(id))
    market.settle()
    expect(await sale).toMatchObject({ kind: 'order', order: { status: 'filled' } })
    expect(await cancel).toMatchObject({ kind: 'refused', refusal: 'order_already_filled', order: { filledQuantity: 10 } })
  })

  test('an amend once matching has judged it', async () => {
    const { gateway, orderId: id } = await rested(new SmallMarket())
    expect(await gateway.outcome('a1', amendOf(id, 5))).toMatchObject({ kind: 'order', order: { quantity: 5, heldAmount: 500_500 } })
    const far = { ...amendOf(id, 5), price: microdollars(900_000) }
    expect(await gateway.outcome('a2', far)).toMatchObject({ kind: 'refused', refusal: 'price_band', order: { status: 'resting' } })
    expect(await gateway.outcome('a3', amendOf(id, 9_999))).toMatchObject({ kind: 'refused', refusal: 'insufficient_balance' })
  })

  test('an amend of an order that closed before by its closing', async () => {
    const market = new SmallMarket()
    const { gateway, orderId: id } = await rested(market)
    const cancel = gateway.submit('c1', cancelOf(id))
    const amend = gateway.submit('a1', amendOf(id, 5))
    market.settle()
    expect(await cancel).toMatchObject({ kind: 'order' })
    expect(await amend).toMatchObject({ kind: 'refused', refusal: 'order_already_cancelled' })
  })

  test('what is about accounts in its own record, with its entries', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const withdraw = { kind: 'withdraw', holder: ada, amount: microdollars(1_000_000), reference: 'w' } as const
    const answer = await gateway.outcome('w', withdraw)
    expect(answer).toMatchObject({ kind: 'done', outcome: { reference: 'w' }, entries: [{ type: 'withdrawal', holder: ada }] })
    expect(await gateway.outcome('w2', { ...withdraw, amount: microdollars(2) })).toMatchObject({ kind: 'refused', refusal: 'reference_conflict' })
    const all = { kind: 'cancel-all', holder: ada, instrumentId: null, reason: 'cancelled' } as const
    expect(await gateway.outcome('x', all)).toMatchObject({ kind: 'done', outcome: { count: 0 } })
  })

  test('a batch in one send, in its order', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const tag = (id: string) => ({ id, validUntil: instant(market.now + 5000) })
    const answers = gateway.port.submit(['b1', 'b2', 'b3'].map(id => ({ command: orderOf(id), tag: tag(id) })))
    market.settle()
    const ids = (await answers).map(answer => answer.kind === 'order' ? answer.order.orderId : 0)
    expect(ids).toHaveLength(3)
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(new Set(ids).size).toBe(3)
  })
})

describe('a repeat gets the first answer', () => {
  test('while the first waits, on the same gateway: one record', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const before = market.records('ledger', partition).length
    const answers = [gateway.submit('o1', orderOf('o1')), gateway.submit('o1', orderOf('o1'))]
    expect(market.records('ledger', partition)).toHaveLength(before + 1)
    market.settle()
    const [first, second] = await Promise.all(answers)
    expect(first).toEqual(second)
  })

  test.each(['the same', 'another'])('of an order that has changed since, on %s gateway', async where => {
    const market = new SmallMarket()
    const { gateway, orderId: id } = await rested(market)
    await gateway.outcome('c1', cancelOf(id))
    const other = where === 'another' ? market.gateway() : gateway
    const again = await other.outcome('o1', orderOf('o1'))
    expect(again).toMatchObject({ kind: 'order', order: { orderId: id, status: 'resting', closureReason: null, closedAt: null } })
    expect(other.port.order(ada, id)).toMatchObject({ status: 'cancelled' })
  })

  test('that both gateways send: one order, one answer', async () => {
    const market = new SmallMarket()
    const [left, right] = [market.gateway(), market.gateway()]
    const answers = [left.submit('o1', orderOf('o1')), right.submit('o1', orderOf('o1'))]
    market.settle()
    const [first, second] = await Promise.all(answers)
    expect(first).toMatchObject({ kind: 'order', order: { status: 'resting' } })
    expect(second).toEqual(first)
    expect(left.port.openOrders(ada)).toHaveLength(1)
  })

  test('of a refusal, though it would be taken now', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const dear = orderOf('o1', { quantity: units(1_500) })
    expect(await gateway.outcome('o1', dear)).toMatchObject({ kind: 'refused', refusal: 'insufficient_balance' })
    market.say({ kind: 'deposit', holder: ada, amount: microdollars(1_000_000_000), isGrant: false, reference: 'more' })
    market.settle()
    expect(await market.gateway().outcome('o1', dear)).toMatchObject({ kind: 'refused', refusal: 'insufficient_balance' })
  })

  test('of an amend, from a gateway that saw it go by', async () => {
    const market = new SmallMarket()
    const { gateway, orderId: id } = await rested(market)
    const other = market.gateway()
    const first = await gateway.outcome('a1', amendOf(id, 5))
    await gateway.outcome('a2', amendOf(id, 7))
    expect(await other.outcome('a1', amendOf(id, 5))).toEqual(first)
    expect(other.port.order(ada, id)).toMatchObject({ quantity: 7 })
  })

  test('under a client order id; other content is a conflict', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const named = (id: string, terms = {}) => orderOf(id, { clientOrderId: 'mine', content: 'x', ...terms })
    const first = await gateway.outcome('o1', named('o1'))
    const again = await gateway.outcome('o2', named('o2'))
    if (first.kind !== 'order' || again.kind !== 'order') throw new Error('no order')
    expect(again.order).toEqual(first.order)
    expect(await gateway.outcome('o3', named('o3', { content: 'y' }))).toMatchObject({ kind: 'refused', refusal: 'client_order_id_conflict' })
  })

  test('under a client order id whose first has no answer yet: by that answer', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway()
    const named = (id: string) => orderOf(id, { clientOrderId: 'mine', content: 'x' })
    const answers = [gateway.submit('o1', named('o1')), gateway.submit('o2', named('o2'))]
    gateway.follow()
    market.settle()
    const [first, second] = await Promise.all(answers)
    expect(first).toMatchObject({ kind: 'order', order: { status: 'resting' } })
    expect(second).toMatchObject({ kind: 'order', order: { status: 'resting' } })
    expect(gateway.port.openOrders(ada)).toHaveLength(1)
  })
})

describe('when the log or the replica is late', () => {
  test('a command that is not in the log by its time was not accepted, and never counts', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway({ isAway: true })
    const answer = gateway.submit('o1', orderOf('o1'))
    market.tick(4000)
    market.settle()
    expect(gateway.commands.waiting).toBe(1)
    market.tick(1001)
    market.settle()
    expect(await answer).toEqual({ kind: 'not_accepted' })
    expect(gateway.commands.waiting).toBe(0)
  })

  test('one that comes too late is refused', async () => {
    const market = new SmallMarket()
    const answer = market.gateway().submit('o1', orderOf('o1'), -1)
    market.settle()
    expect(await answer).toMatchObject({ kind: 'refused', refusal: 'too_late' })
  })

  test('a send that was rejected, and arrived all the same, has its outcome', async () => {
    const market = new SmallMarket()
    const [away, other] = [market.gateway({ isAway: true }), market.gateway()]
    const answer = away.submit('o1', orderOf('o1'))
    const arrived = other.submit('o1', orderOf('o1'))
    market.settle()
    expect(await answer).toEqual(await arrived)
  })

  test('the outcome is unknown after the deadline, with the order where it is known, and nobody waits on', async () => {
    const market = new SmallMarket()
    const gateway = market.gateway({ deadlineMs: 20 })
    const unseen = gateway.submit('o1', orderOf('o1'))
    expect(await unseen).toEqual({ kind: 'unknown', orderId: null })
    const held = gateway.submit('o2', orderOf('o2'))
    gateway.follow()
    const [order] = gateway.port.openOrders(ada).slice(-1)
    expect(await held).toEqual({ kind: 'unknown', orderId: order!.orderId })
    expect(gateway.commands.waiting).toBe(0)
    market.settle()
    expect(await gateway.outcome('o1', orderOf('o1'))).toMatchObject({ kind: 'order', order: { status: 'resting' } })
  })

  test('a gateway that closes tells who waits that nothing is known, and takes nothing more', async () => {
    const gateway = new SmallMarket().gateway()
    const answer = gateway.submit('o1', orderOf('o1'))
    gateway.commands.close()
    expect(await answer).toEqual({ kind: 'unknown', orderId: null })
    await expect(gateway.submit('o2', orderOf('o2'))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('a replica that is behind answers nothing and takes nothing', async () => {
    const market = new SmallMarket()
    const { gateway, orderId: id } = await rested(market)
    market.tick(6000)
    await expect(gateway.submit('o2', orderOf('o2'))).rejects.toMatchObject({ code: 'unavailable' })
    expect(gateway.port.isReady(ada)).toBe(false)
    expect(gateway.port.order(ada, id)).toBeNull()
    expect(gateway.port.openOrders(ada)).toEqual([])
    expect(gateway.port.holder(ada)).toBeNull()
    gateway.follow()
    expect(gateway.port.isReady(ada)).toBe(true)
    expect(gateway.port.order(ada, id)).toMatchObject({ status: 'resting' })
  })

  test("a record that breaks its schema answers nobody; another's order is not there", async () => {
    const market = new SmallMarket()
    const { gateway, orderId: id } = await rested(market)
    const garbage = { timestamp: market.now, key: null, value: Buffer.from('garbage'), headers: { command: Buffer.from(`${market.now} g`) } }
    market.append('ledger', partition, garbage)
    market.settle()
    expect(gateway.port.order(ben, id)).toBeNull()
    expect(gateway.port.openOrders(ben)).toEqual([])
  })
})
