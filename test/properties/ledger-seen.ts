// What the naive twin would show of its accounts: the views of the ledger, from lists; once all that is due is booked.

import type { LotView, SweepView } from '../../pipelines/ledger/lots/views.ts'
import type { HolderView, PositionView } from '../../pipelines/ledger/views.ts'
import type { FreeTierView, KeyView, RequestView } from '../../pipelines/ledger/usage/views.ts'
import { type Instant, periodOf } from '../../schemas/units.ts'
import { costOf } from './ledger-naive-books.ts'
import type { LedgerNaive } from './ledger-naive.ts'
import { isOpen } from './ledger-naive-orders.ts'
import { countOf, grantGone } from './lots-naive.ts'
import type { NaiveRequest } from './usage-naive-requests.ts'

export function holderOf (twin: LedgerNaive, of: number): HolderView {
  const { holder, owner, isIssuer, isSuspended, mode, deadManAt } = twin.holder(of)!
  const usd = (account: 'cash' | 'grant' | 'pending') => twin.balance(account, holder, 'usd')
  const { makerBp, takerBp } = twin.tierOf(holder)
  return {
    holder,
    owner,
    isIssuer,
    isSuspended,
    mode,
    cash: { posted: usd('cash'), held: twin.held(holder, 'cash') },
    grant: { posted: usd('grant'), held: twin.held(holder, 'grant') },
    pending: usd('pending'),
    volume30d: twin.volume(holder),
    makerBp,
    takerBp,
    deadManAt
  } as HolderView
}

export function positionsOf (twin: LedgerNaive, holder: number): PositionView[] {
  return twin.positions.filter(position => position.holder === holder).map(({ instrumentId }) => {
    const tranches = twin.tranches.filter(each => each.holder === holder && each.instrumentId === instrumentId)
    return {
      instrumentId,
      trading: { posted: twin.balance('trading', holder, instrumentId), held: twin.held(holder, 'units', instrumentId) },
      issuance: twin.balance('issuance', holder, instrumentId),
      consumption: {
        posted: twin.balance('consumption', holder, `${instrumentId}:tokens`),
        held: twin.requestsOf(holder, instrumentId)
          .reduce((sum, request) => sum + twin.heldBy(request) - request.managed, 0),
        available: twin.available(holder, instrumentId)
      },
      cost: tranches.reduce((sum, { price, units }) => sum + price * units, 0),
      tranches: tranches.map(({ sequence, price, units, grant, isIssued }) =>
        ({ reference: isIssued ? null : `${instrumentId}:${sequence}`, price, units, cost: price * units, grant }))
    } as unknown as PositionView
  })
}

/** Those that something is left of. Of the live ones the first tokens are held, of the others those that are kept. */
export function lotsOf (twin: LedgerNaive, holder: number, booked: number): LotView[] {
  return twin.positions.filter(position => position.holder === holder).flatMap(({ instrumentId }) => {
    let held = twin.liveHeld(holder, instrumentId)
    const runs = twin.tokensOf(holder, instrumentId)
    return [...new Set(runs.map(({ lot }) => lot))].map(lot => {
      const ofLot = runs.filter(run => run.lot === lot)
      const isExpired = twin.hasExpired(lot)
      const heldOfIt = isExpired
        ? countOf(ofLot.filter(({ keptFor }) => keptFor !== null))
        : Math.min(held, countOf(ofLot))
      if (!isExpired) held -= heldOfIt
      return {
        // One that a sweep will open has no id yet.
        lotId: lot.id > booked * 64 + 63 ? 0 : lot.id,
        instrumentId,
        price: lot.price,
        tradeSequence: lot.sequence,
        period: lot.period,
        openedAt: lot.openedAt,
        expiresAt: lot.deadline + twin.stood(instrumentId, twin.now),
        opened: lot.opened,
        remaining: countOf(ofLot) - heldOfIt,
        held: heldOfIt,
        ...lot.gone,
        grant: lot.grant - grantGone(lot),
        isExpired
      } as unknown as LotView
    })
  })
}

export function ordersOf (twin: LedgerNaive, holder: number): unknown[] {
  const all = twin.ofHolder(holder)
  const closed = all.filter(order => !isOpen(order)).toSorted((a, b) => a.closedAt! - b.closedAt! || a.id - b.id)
  return [...all.filter(isOpen), ...closed].map(order => ({
    ...twin.view(order),
    content: order.clientOrderId === null ? null : order.asked.content,
    isOpen: isOpen(order),
    isCancelPending: order.isCancelling,
    isAmendPending: order.amend !== null,
    firstAnswer: null
  }))
}

export function requestOf (twin: LedgerNaive, request: NaiveRequest): RequestView {
  const { id, holder, instrumentId, asked, status, produced, isManaged, nonce, endsAt, authorizedAt } = request
  const { need, keyId } = asked
  const held = twin.heldBy(request)
  const expiresAt = endsAt
  const view = { holder, instrumentId, requestId: id, status, need, held, produced, isManaged, keyId, nonce, expiresAt }
  return { ...view, authorizedAt } as unknown as RequestView
}

/** All but issued units of what was bought until now: orders that rest at the sweep end there. */
export function sweepOf (twin: LedgerNaive, holder: number): SweepView[] {
  return twin.positions.filter(position => position.holder === holder).flatMap(({ instrumentId }) => {
    const tranches = twin.tranchesOf(holder, instrumentId).filter(({ isIssued, period }) =>
      !isIssued && period <= periodOf(twin.now as Instant))
    const units = tranches.reduce((sum, tranche) => sum + tranche.units, 0)
    return units === 0 ? [] : [{ instrumentId, units, cost: costOf(tranches), lots: tranches.length }]
  }) as unknown as SweepView[]
}

export function freeTierOf (twin: LedgerNaive, holder: number): FreeTierView | null {
  const { freeRequestsPerDay, freeOpenMax } = twin.parameters
  if (twin.holder(holder)!.hasPaid) return null
  return {
    requestsLeft: Math.max(0, freeRequestsPerDay - twin.asksToday(holder)),
    openLeft: Math.max(0, freeOpenMax - twin.openOf(holder))
  }
}

export function keyOf (twin: LedgerNaive, holder: number, keyId: string): KeyView | undefined {
  const key = `${holder} ${keyId}`
  const named = twin.budgets.get(key)
  if (named === undefined) return undefined
  const [drawn, held] = [twin.drawnBy(key), twin.heldByKey(key)]
  return { drawn, held, left: named.budget === null ? null : named.budget - drawn - held } as KeyView
}
