// Orders as tests make them: a plain limit order of a holder that is its own owner, and a command's way into the log.

import { randomUUID } from 'node:crypto'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import type { Context } from '../../pipelines/process/context.ts'
import { orderDefaults, type OrderCommand, type PlaceOrder } from '../../schemas/matching/records.ts'
import { holderId, instant, orderId, ownerId, type InstrumentId, type Microdollars, type Side, type Units } from '../../schemas/units.ts'

export type Limit = {
  readonly id: number
  /** The order's own number, unless it is given. */
  readonly holder?: number
  readonly instrumentId: InstrumentId
  readonly side: Side
  readonly price: number
  readonly quantity: number
}

export function limitOrder ({ id, holder = id, instrumentId, side, price, quantity }: Limit): PlaceOrder {
  return {
    ...orderDefaults,
    kind: 'place-order',
    orderId: orderId(id),
    holder: holderId(holder),
    owner: ownerId(holder),
    instrumentId,
    side,
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    price: price as Microdollars,
    quantity: quantity as Units,
    selfTradePrevention: 'cancel_newest'
  }
}

/** A command as one from outside the log sends it, now. */
export function fromOutside ({ binder, topic }: Pick<Context, 'binder' | 'topic'>, partition: number, command: OrderCommand): Outgoing {
  const at = instant(Date.now())
  return {
    topic: topic('orders'),
    partition,
    key: command.instrumentId,
    value: binder.current.encode(command),
    headers: { command: writeCommandTag({ id: randomUUID(), validUntil: instant(at + 30_000) }) },
    timestamp: at
  }
}
