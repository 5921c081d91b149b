// An order of the naive twin: a plain object.

import { type PlaceOrder, type SelfTradePrevention, orderDefaults } from '../../schemas/matching/records.ts'
import type { HolderId, OrderId, OwnerId, Side } from '../../schemas/units.ts'

export type NaiveOrder = {
  orderId: OrderId
  holder: HolderId
  owner: OwnerId
  side: Side
  price: number
  total: number
  filled: number
  notional: number
  postOnly: boolean
  mode: SelfTradePrevention
  /** The smaller came earlier: to its level, or to the stops. */
  arrival: number
  isHeld: boolean
  isIssuer: boolean
  period: number
  grant: number
  /** 0: never. */
  expiresAt: number
  /** Null once it has triggered, or if it never was a stop. */
  stop: number | null
  isMarket: boolean
  rests: boolean
  other: NaiveOrder | null
  /** Of an order by notional: what it may cost, and its fee. */
  money: { amount: number, bp: number } | null
}

export const leavesOf = (order: NaiveOrder): number => order.total - order.filled

/** What a version before the ledger's knows of a command. */
export function withoutLedger (command: PlaceOrder): PlaceOrder {
  return { ...command, ...orderDefaults }
}

export function orderOf (command: PlaceOrder): NaiveOrder {
  const { orderId, holder, owner, side, price, quantity, postOnly, type, timeInForce, notional, stopPrice } = command
  const expires = timeInForce === 'day' || timeInForce === 'gtd'
  const isStop = type === 'stop' || type === 'stop_limit'
  const worth = notional ?? price * quantity
  return {
    orderId,
    holder,
    owner,
    side,
    price,
    total: quantity,
    filled: 0,
    notional: 0,
    postOnly,
    mode: command.selfTradePrevention,
    arrival: 0,
    isHeld: command.isHeld,
    isIssuer: command.isIssuer,
    period: command.period,
    grant: side === 'sell' || command.grantNotional < 0 ? 0 : Math.min(command.grantNotional, worth),
    expiresAt: expires ? command.expiresAt! : 0,
    stop: isStop ? stopPrice : null,
    isMarket: type === 'market' || type === 'stop',
    rests: type === 'stop_limit' || (type === 'limit' && (timeInForce === 'gtc' || expires)),
    other: null,
    money: notional === null ? null : { amount: notional, bp: command.takerBp }
  }
}

/** The second leg of an OCO, as an order of its own. */
export const secondLeg = (command: PlaceOrder): NaiveOrder => orderOf({
  ...command, ...command.oco!, type: command.oco!.isLimit ? 'stop_limit' : 'stop', postOnly: false
})

/** The most units that money pays for beside what it has paid, fee included. */
export function unitsFor (order: NaiveOrder, price: number): number {
  const { amount, bp } = order.money!
  const fits = (units: number): boolean => {
    const notional = BigInt(order.notional) + BigInt(units) * BigInt(price)
    const fee = (notional * BigInt(bp) + 9_999n) / 10_000n
    return notional + fee <= BigInt(amount)
  }
  let units = 0
  for (let step = 2 ** 30; step >= 1; step /= 2) {
    if (order.filled + units + step <= 999_999_999 && fits(units + step)) units += step
  }
  return units
}
