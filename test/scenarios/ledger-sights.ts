// What a scenario of the ledger sees when it looks, in words.

import type { Ledger } from '../../pipelines/ledger/ledger.ts'
import { lotViews, sweepPreview } from '../../pipelines/ledger/lots/views.ts'
import { keyView, requestView } from '../../pipelines/ledger/usage/views.ts'
import { holderView, positionViews } from '../../pipelines/ledger/views.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { HolderId } from '../../schemas/units.ts'
import { moneyText } from './language.ts'
import { dollars } from './ledger-words.ts'

export function balancesText (state: Ledger, holder: HolderId): string {
  const view = holderView(state, holder)
  if (view === undefined) return 'nobody'
  const texts = [dollars(view.cash.posted)]
  const add = (text: string, amount: number): void => { if (amount !== 0) texts.push(text) }
  add(`holds ${dollars(view.cash.held)}`, view.cash.held)
  add(`grant ${dollars(view.grant.posted)}`, view.grant.posted)
  add(`holds ${dollars(view.grant.held)} of it`, view.grant.held)
  add(`pending ${dollars(view.pending)}`, view.pending)
  for (const { trading, issuance, consumption } of positionViews(state, holder)) {
    add(`${trading.posted} units`, trading.posted)
    add(`holds ${trading.held} units`, trading.held)
    add(`${issuance} issued`, issuance)
    add(`${consumption.posted} tokens`, consumption.posted)
    add(`holds ${consumption.held} tokens`, consumption.held)
  }
  return texts.join(', ')
}

export function tranchesText (state: Ledger, holder: HolderId): string {
  return positionViews(state, holder).flatMap(({ tranches }) => tranches).map(({ units, price, grant, reference }) => {
    const from = reference === null ? 'issued' : `at ${moneyText(price)}`
    return `${units} ${from}${grant === 0 ? '' : ` with ${dollars(grant)} of grant`}`
  }).join(', ') || 'none'
}

export function feesText (state: Ledger, holder: HolderId): string {
  const { makerBp, takerBp, volume30d } = holderView(state, holder)!
  return `${makerBp}/${takerBp} for ${dollars(volume30d)}`
}

/** `16:00`, to the millisecond where that matters. */
function timeText (at: number): string {
  return new Date(at).toISOString().slice(11, 23).replace(/(?::00)?\.000$/, '')
}

/** Of each: what nobody holds, what is held, what it cost, and until when. */
export function lotsText (state: Ledger, holder: HolderId): string {
  return lotViews(state, holder).map(({ remaining, held, price, grant, expiresAt, isExpired }) => {
    const texts = [`${remaining} at ${moneyText(price)}`]
    if (held > 0) texts.push(`and ${held} held`)
    if (grant > 0) texts.push(`with ${dollars(grant)} of grant`)
    return [...texts, isExpired ? 'expired' : 'until', timeText(expiresAt)].join(' ')
  }).join(', ') || 'none'
}

export function sweepText (state: Ledger, holder: HolderId): string {
  return sweepPreview(state, holder).map(({ units, cost, lots }) => `${units} for ${dollars(cost)} in ${lots}`).join(', ') || 'none'
}

export function requestText (state: Ledger, holder: HolderId, name: string): string {
  const view = requestView(state, holder, name)
  if (view === undefined) return 'forgotten'
  const texts = [`${view.status} ${view.nonce}`.trim()]
  if (view.held > 0) texts.push(`holds ${view.held}${view.isManaged ? ' managed' : ''}`)
  if (view.produced > 0) texts.push(`took ${view.produced}`)
  if (view.expiresAt > 0) texts.push(`until ${timeText(view.expiresAt)}`)
  return texts.join(', ')
}

/** Of a consumption key's budget. */
export function keyText (state: Ledger, holder: HolderId, keyId: string): string {
  const view = keyView(state, holder, keyId)
  if (view === undefined) return 'unknown'
  return `${view.drawn} drawn, ${view.held} held, ${view.left === null ? 'unbounded' : `${view.left} left`}`
}

/** How many of them are what, and what they hold together. */
export function requestsText (state: Ledger, holder: HolderId, names: readonly string[]): string {
  const views = names.map(name => requestView(state, holder, name)).filter(view => view !== undefined)
  const statuses = [...new Set(views.map(({ status }) => status))]
  return statuses.map(status => {
    const alike = views.filter(view => view.status === status)
    const held = alike.reduce((sum, view) => sum + view.held, 0)
    return `${alike.length} ${status}${held === 0 ? '' : ` holding ${held}`}`
  }).join(', ')
}

export function bookedText (entries: readonly JournalEntry[], nameOf: (holder: HolderId) => string): string {
  const account = (posting: JournalEntry['postings'][number]): string =>
    `${posting.account} ${posting.asset === 'usd' ? dollars(posting.amount) : posting.amount}`
  return entries.map(({ holder, type, postings, lots }) => {
    const moved = postings.map(account).join(', ')
    const ofLots = lots.map(({ change, tokens, price }) => `${change} ${tokens} at ${moneyText(price)}`).join(', ')
    return `${type} of ${nameOf(holder)}: ${[moved, ofLots].filter(text => text !== '').join('; lots: ') || 'nothing'}`
  }).join('; ') || 'none'
}
