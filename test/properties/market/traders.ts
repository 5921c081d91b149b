// What is asked of the made-up market: everything a client may ask, in small numbers, so that orders meet, cancels and
// amends race fills, money runs out and stops trigger.

import { holderView } from '../../../pipelines/ledger/views.ts'
import { setParameters, instruments } from '../../../schemas/instruments.ts'
import type { LedgerCommand, SubmitAmend, SubmitOrder } from '../../../schemas/ledger/commands.ts'
import { selfTradePrevention, type OrderCommand } from '../../../schemas/matching/records.ts'
import {
  ownerId, partitionOfHolder, type HolderId, type Instant, type Microdollars, type OrderId, type Units
} from '../../../schemas/units.ts'
import { use } from './consumers.ts'
import { consumer, holders, ownerOf, type World } from './world.ts'

const listed = instruments.slice(0, 2)
const tick = 100

const pick = <T>({ random }: World, values: readonly T[]): T => values[random.below(values.length)]!

function priceNear (world: World, reference: number, ticks = 5): Microdollars {
  return (Math.round(reference / tick) - ticks + world.random.below(2 * ticks + 1)) * tick as Microdollars
}

function order (world: World, holder: HolderId): SubmitOrder {
  const { random, now } = world
  const { instrumentId, trading: { referencePrice } } = pick(world, listed)
  const side = random.chance(0.5) ? 'buy' : 'sell'
  const isBuy = side === 'buy'
  const limit = {
    kind: 'submit-order',
    holder,
    instrumentId,
    side,
    type: 'limit',
    timeInForce: pick(world, ['gtc', 'gtc', 'gtc', 'ioc', 'fok', 'day', 'gtd']),
    postOnly: random.chance(0.1),
    reduceOnly: random.chance(0.05),
    price: priceNear(world, referencePrice),
    stopPrice: null,
    quantity: 1 + random.below(9) as Units,
    notional: null,
    expiresAt: now + random.below(20_000) as Instant,
    oco: null,
    clientOrderId: random.chance(0.2) ? `c${random.below(20)}` : null,
    content: `${random.below(2)}`,
    selfTradePrevention: pick(world, selfTradePrevention),
    autoTransfer: random.chance(0.2),
    bookSequence: null,
    submittedAt: now,
    commandId: `c${world.orders.length}`
  } satisfies SubmitOrder as SubmitOrder
  const stopPrice = priceNear(world, referencePrice, 6)
  const protection = Math.floor(stopPrice * (isBuy ? 1.04 : 0.97) / tick) * tick as Microdollars
  const plain = { ...limit, postOnly: false, expiresAt: null } as const
  switch (random.below(12)) {
    case 0: return { ...plain, type: 'market', timeInForce: 'ioc', price: priceNear(world, referencePrice) }
    case 1: return { ...plain, side: 'buy', type: 'market', timeInForce: 'ioc', quantity: null, notional: 1 + random.below(2_000_000) as Microdollars }
    case 2: return { ...plain, type: 'stop', timeInForce: 'gtc', stopPrice, price: protection }
    case 3: return { ...plain, type: 'stop_limit', timeInForce: pick(world, ['gtc', 'day']), stopPrice }
    case 4: return { ...plain, timeInForce: 'gtc', oco: { isLimit: random.chance(0.5), stopPrice, price: protection } }
    default: return limit.timeInForce === 'gtd' ? limit : { ...limit, expiresAt: null }
  }
}

/** An order of the holder's, mostly; sometimes another's, or none at all. */
function someOrder (world: World, holder: HolderId): OrderId {
  const recent = world.orders.slice(-30)
  const own = recent.filter(each => each.holder === holder)
  const from = world.random.chance(0.9) && own.length > 0 ? own : recent
  return from.length === 0 ? 1 as OrderId : pick(world, from).orderId
}

function money (world: World, holder: HolderId): LedgerCommand & { holder: HolderId } {
  const { random } = world
  const reference = `r${random.below(40)}`
  const amount = (1 + random.below(3_000_000)) as Microdollars
  const { instrumentId } = pick(world, listed)
  const quantity = 1 + random.below(20) as Units
  switch (random.below(9)) {
    case 0: return { kind: 'withdraw', holder, amount, reference }
    case 1: return { kind: 'transfer-funds', holder, owner: ownerId(ownerOf(holder)), to: pick(world, holders), amount, reference }
    case 2: return { kind: 'issue-supply', holder, instrumentId, quantity, reference }
    case 3: return { kind: 'transfer-issued', holder, instrumentId, quantity, reference }
    case 4: return { kind: 'transfer-to-consumption', holder, instrumentId, quantity, reference }
    case 5: return { kind: 'finalize-proceeds', holder, amount, reference }
    default: return { kind: 'deposit', holder, amount, isGrant: random.chance(0.3), reference }
  }
}

type What = Pick<SubmitOrder, 'side' | 'instrumentId' | 'price' | 'quantity'>

const plainOrder = (world: World, holder: HolderId, what: What): SubmitOrder => ({
  kind: 'submit-order',
  holder,
  ...what,
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  stopPrice: null,
  notional: null,
  expiresAt: null,
  oco: null,
  clientOrderId: null,
  content: '',
  selfTradePrevention: 'cancel_newest',
  autoTransfer: false,
  bookSequence: null,
  submittedAt: world.now,
  commandId: `first-${world.orders.length}`
})

/** What everyone needs before anything can be traded: money, and units bought of the one who issues them. */
export function endow (world: World): void {
  const sure = { isSure: true }
  world.command({ kind: 'set-account-mode', holder: consumer, mode: 'easy' }, sure)
  for (const holder of holders) {
    world.command({ kind: 'deposit', holder, amount: 20_000_000 as Microdollars, isGrant: false, reference: 'first' }, sure)
    world.command({ kind: 'deposit', holder, amount: 1_000_000 as Microdollars, isGrant: true, reference: 'grant' }, sure)
  }
  const issuer = holders[4]!
  for (const { instrumentId, trading: { referencePrice } } of listed) {
    const price = Math.round(referencePrice / tick) * tick as Microdollars
    world.command({ kind: 'issue-supply', holder: issuer, instrumentId, quantity: 500 as Units, reference: `issue ${instrumentId}` }, sure)
    world.command({ kind: 'transfer-issued', holder: issuer, instrumentId, quantity: 400 as Units, reference: `move ${instrumentId}` }, sure)
    world.command(plainOrder(world, issuer, { side: 'sell', instrumentId, price, quantity: 100 as Units }), sure)
    world.settle()
    for (const holder of holders.slice(0, 4)) {
      world.command(plainOrder(world, holder, { side: 'buy', instrumentId, price, quantity: 25 as Units }), sure)
    }
    world.settle()
    const moved = { instrumentId, quantity: 5 as Units, reference: `use ${instrumentId}` }
    world.command({ kind: 'transfer-to-consumption', holder: holders[0]!, ...moved }, sure)
  }
  world.settle()
  if (world.random.chance(0.4)) impoverish(world)
}

/** Where there is hardly any cash, what is held to the microdollar shows. */
function impoverish (world: World): void {
  for (const holder of holders) {
    const { state } = world.ledgers[partitionOfHolder(holder, world.ledgers.length)]!.machine
    const { cash } = holderView(state, holder)!
    const left = world.random.chance(0.7) ? 0 : world.random.below(300_000)
    const amount = cash.posted - cash.held - left as Microdollars
    if (amount > 0) world.command({ kind: 'withdraw', holder, amount, reference: 'poor' }, { isSure: true })
  }
  world.settle()
}

function amend (world: World, holder: HolderId): SubmitAmend {
  const { random, now } = world
  const { referencePrice } = pick(world, listed).trading
  return {
    kind: 'submit-amend',
    holder,
    orderId: someOrder(world, holder),
    price: random.chance(0.5) ? priceNear(world, referencePrice) : null,
    quantity: random.chance(0.6) ? 1 + random.below(12) as Units : null,
    stopPrice: random.chance(0.1) ? priceNear(world, referencePrice, 6) : null,
    timeInForce: random.chance(0.1) ? 'day' : null,
    expiresAt: random.chance(0.05) ? now + 5000 as Instant : null
  }
}

export function ask (world: World): void {
  const holder = pick(world, holders)
  if (world.random.chance(0.35)) {
    use(world, holder)
    return
  }
  const chance = world.random.next()
  if (chance < 0.6) world.command(order(world, holder))
  else if (chance < 0.72) world.command({ kind: 'submit-cancel', holder, orderId: someOrder(world, holder) })
  else if (chance < 0.86) world.command(amend(world, holder))
  else if (chance < 0.96) world.command(money(world, holder))
  else if (chance < 0.98) world.command(oddity(world, holder))
  else operate(world)
}

function oddity (world: World, holder: HolderId): LedgerCommand & { holder: HolderId } {
  const { random } = world
  const { instrumentId } = pick(world, listed)
  const owner = ownerId(ownerOf(holder))
  switch (random.below(4)) {
    case 0: return { kind: 'cancel-all', holder, instrumentId: random.chance(0.5) ? instrumentId : null, reason: 'cancelled' }
    case 1: return { kind: 'set-dead-man', holder, timeoutMs: random.below(4) * 1000 }
    case 2: return { kind: 'set-account-mode', holder, mode: random.chance(0.2) ? 'easy' : 'advanced' }
    default: return { kind: 'set-holder', holder, owner, isIssuer: holder === 17, isSuspended: random.chance(0.1) }
  }
}

function operate (world: World): void {
  const { random } = world
  const partition = random.below(2)
  const parameters = setParameters(listed[partition]!)
  const tickSize = (random.chance(0.5) ? 100 : 200) as Microdollars
  const { instrumentId } = parameters
  const commands: OrderCommand[] = [
    { ...parameters, tickSize },
    { kind: 'set-trading-status', instrumentId, status: 'halted' },
    { kind: 'set-trading-status', instrumentId, status: 'open' },
    { kind: 'set-trading-status', instrumentId, status: 'open' }
  ]
  world.operator(partition, pick(world, commands))
}
