// What the ledger says, for tests: as few words as a test has to say.

import type { Origin } from '../../../pipelines/runtime/origin.ts'
import type { CommandOutcome, JournalEntry, OrderState, Posting, TradeLeg } from '../../../schemas/ledger/records.ts'
import type { LotChange, UsageReceipt } from '../../../schemas/ledger/usage-records.ts'
import type { MeterEvent, RequestReport, UnbilledUsage } from '../../../schemas/usage/records.ts'
import {
  holderId, instant, instrumentId, microdollars, orderId, tokens, units, type LotId
} from '../../../schemas/units.ts'

export function someState (change: Partial<OrderState> = {}): OrderState {
  return {
    kind: 'order-state',
    orderId: orderId(640),
    sequence: 1,
    holder: holderId(7),
    instrumentId: instrumentId('text-prime'),
    cause: 'place',
    refusal: null,
    status: 'resting',
    closureReason: null,
    clientOrderId: null,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    autoTransfer: false,
    price: microdollars(1_500_000),
    stopPrice: null,
    quantity: units(5),
    notional: null,
    filledQuantity: units(0),
    filledNotional: microdollars(0),
    fee: microdollars(0),
    heldAmount: 7_507_500,
    otherLeg: orderId(0),
    expiresAt: null,
    submittedAt: instant(1_772_000_000_000),
    acceptedAt: instant(1_772_000_000_010),
    at: instant(1_772_000_000_020),
    closedAt: null,
    ...change
  }
}

export const someOutcome = (change: Partial<CommandOutcome> = {}): CommandOutcome => ({
  kind: 'command-outcome',
  holder: holderId(7),
  command: 'withdraw',
  refusal: 'insufficient_balance',
  orderId: orderId(0),
  count: 0,
  reference: 'w1',
  at: instant(1_772_000_000_000),
  ...change
})

export const someEntry = (change: Partial<JournalEntry> = {}): JournalEntry => ({
  kind: 'journal-entry',
  sequence: 1,
  holder: holderId(7),
  type: 'deposit',
  reference: 'd1',
  instrumentId: null,
  postings: [posting('cash', 7, 'usd', 500), posting('deposits', 0, 'usd', -500)],
  cost: microdollars(0),
  trade: null,
  bookedAt: instant(1_772_000_000_000),
  lots: [],
  usage: null,
  ...change
})

export const posting = (account: Posting['account'], holder: number, asset: string, amount: number): Posting =>
  ({ account, holder: holderId(holder), asset, amount })

type SomeLeg = {
  readonly holder: number
  readonly entry: number
  readonly instrument?: string
  readonly trade: number
  readonly side: TradeLeg['side']
  readonly price?: number
  readonly quantity?: number
  readonly order?: number
  readonly role?: TradeLeg['role']
  readonly at?: number
  /** What a sell takes out of Trading has cost. */
  readonly cost?: number
}

/** One side of a fill, with a fee of a microdollar. */
export function someLeg (leg: SomeLeg): JournalEntry {
  const { holder, entry, trade, side, instrument = 'text-prime', price = 100, quantity = 1, order = 64, at = 1_772_000_000_000 } = leg
  const sign = side === 'buy' ? 1 : -1
  const notional = price * quantity
  return someEntry({
    sequence: entry,
    holder: holderId(holder),
    type: 'fill',
    reference: `${instrument}:${trade}`,
    instrumentId: instrumentId(instrument),
    postings: [
      posting('cash', holder, 'usd', -sign * notional - 1), posting('in_transit', 0, 'usd', sign * notional),
      posting('fees', 0, 'usd', 1), posting('trading', holder, instrument, sign * quantity),
      posting('in_transit', 0, instrument, -sign * quantity)
    ],
    cost: microdollars(leg.cost ?? (side === 'buy' ? notional : 0)),
    trade: {
      orderId: orderId(order),
      sequence: trade,
      side,
      role: leg.role ?? 'taker',
      price: microdollars(price),
      quantity: units(quantity),
      fee: microdollars(1),
      grant: microdollars(0),
      period: 3
    },
    bookedAt: instant(at)
  })
}

/** As the ledger's stage says it of its own partition. */
export const originOf = (partition: number, sequence: number): Origin =>
  ({ source: `ledger ledger-1 ${partition}`, offset: 10 * sequence, index: 0, sequence })

export const someLot = (change: Partial<LotChange> = {}): LotChange => ({
  lotId: 65 as LotId,
  change: 'opened',
  tokens: tokens(2_000_000),
  price: microdollars(100_900),
  tradeSequence: 3,
  period: 123_055,
  openedAt: instant(1_772_000_000_000),
  expiresAt: instant(1_772_014_400_000),
  grant: microdollars(0),
  ...change
})

export const someReceipt = (change: Partial<UsageReceipt> = {}): UsageReceipt => ({
  requestId: 'r1',
  sequence: 2,
  source: 'gateway',
  eventId: 'e1',
  supplier: holderId(21),
  inputTokens: tokens(1000),
  outputTokens: tokens(500),
  billed: tokens(1500),
  held: tokens(4000),
  keyId: '',
  managedPrice: null,
  authorizedAt: instant(1_772_000_000_000),
  occurredAt: instant(1_772_000_001_000),
  ...change
})

type Booked = {
  readonly holder: number
  readonly entry: number
  readonly instrument?: string
  readonly type: 'sweep' | 'usage' | 'breakage' | 'regrant'
  readonly lots: readonly Partial<LotChange>[]
  readonly usage?: Partial<UsageReceipt>
  readonly reference?: string
  readonly at?: number
}

/** An entry of lots, with the postings that these make. */
export function someLots (booked: Booked): JournalEntry {
  const { holder, entry, type, instrument = 'text-prime', at = 1_772_000_000_000 } = booked
  const lots = booked.lots.map(someLot)
  const sum = (change: LotChange['change']): number =>
    lots.reduce((total, lot) => total + (lot.change === change ? lot.tokens : 0), 0)
  const moved = type === 'sweep' ? sum('opened') : -sum('drawn') - sum('expired')
  const asset = `${instrument}:tokens`
  const gone = (account: 'drawn' | 'breakage', amount: number) => amount === 0 ? [] : [posting(account, 0, asset, amount)]
  return someEntry({
    sequence: entry,
    holder: holderId(holder),
    type,
    reference: booked.reference ?? `${type}:${entry}`,
    instrumentId: instrumentId(instrument),
    postings: [
      ...(moved === 0 ? [] : [posting('consumption', holder, asset, moved)]),
      ...(type === 'sweep' ? [posting('conversion', 0, asset, -moved)] : []),
      ...gone('drawn', sum('drawn')), ...gone('breakage', sum('expired'))
    ],
    bookedAt: instant(at),
    lots,
    usage: booked.usage === undefined ? null : someReceipt(booked.usage)
  })
}

export const someMeterEvent = (change: Partial<MeterEvent> = {}): MeterEvent => ({
  kind: 'meter-event',
  source: 'gateway',
  id: 'e1',
  holder: holderId(7),
  instrumentId: instrumentId('text-prime'),
  requestId: 'r1',
  sequence: 1,
  nonce: 'n1',
  phase: 'final',
  inputTokens: tokens(1000),
  outputTokens: tokens(500),
  more: tokens(0),
  supplier: holderId(21),
  fault: '',
  reason: '',
  occurredAt: instant(1_772_000_000_000),
  ...change
})

export const someUnbilled = (change: Partial<UnbilledUsage> = {}): UnbilledUsage => ({
  kind: 'unbilled-usage',
  holder: holderId(7),
  instrumentId: instrumentId('text-prime'),
  requestId: 'r1',
  sequence: 1,
  source: 'gateway',
  eventId: 'e1',
  supplier: holderId(21),
  tokens: tokens(40),
  inputTokens: tokens(1000),
  outputTokens: tokens(500),
  reason: 'beyond_held',
  at: instant(1_772_000_000_000),
  ...change
})

export const someReport = (change: Partial<RequestReport> = {}): RequestReport => ({
  kind: 'request-report',
  holder: holderId(7),
  instrumentId: instrumentId('text-prime'),
  requestId: 'r1',
  keyId: 'key_1',
  tags: [],
  surface: 'chat',
  delivery: 'redirect',
  requestedModel: 'text-prime',
  servedModel: 'served-1',
  supplier: holderId(21),
  endpointId: 'endpoint_1',
  isStream: true,
  outcome: 'completed',
  reason: '',
  status: 200,
  inputTokens: tokens(1000),
  outputTokens: tokens(500),
  cachedTokens: tokens(0),
  reasoningTokens: tokens(0),
  isEstimated: false,
  overReported: null,
  attempts: 1,
  firstTokenMs: 100,
  durationMs: 500,
  at: instant(1_772_000_000_000),
  ...change
})
