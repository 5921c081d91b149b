// A supplier's accounts: what it issued of each instrument, where that is, and what is owed of it.

import { z } from 'zod'
import { instrumentByPublicId } from '../../schemas/instruments.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import { listAtHand } from '../http/at-hand.ts'
import type { SignedCall } from '../http/call.ts'
import { equality } from '../http/listing.ts'
import { amount, countedPage, one } from '../http/reply-schemas.ts'
import { ownList, ownResource, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { ActivityOf } from './account-activity.ts'
import { ownHolder } from './account-commands.ts'
import { entriesOf, listingOf } from './accounts.ts'
import { dollars } from './decimals.ts'
import { publicId, word } from './parameters.ts'
import { issuanceJson, issuanceRow, liabilityJson, liabilityRow, summaryJson, summaryRow, type Supply } from './supply-rows.ts'

const access = ['supplier'] as const

const accountFilters = {
  account_id: { schema: word, ops: equality },
  instrument_id: { schema: publicId, ops: equality },
  symbol: { schema: word, ops: equality }
}

/** All instruments of which the caller ever issued something, by symbol. */
async function supplies ({ ledger, accountHistory }: Ports, call: SignedCall): Promise<Supply[]> {
  const holder = ownHolder(ledger, call)
  const activity = await accountHistory.activity(holder.holder)
  const positions = new Map(ledger.positions(holder.holder).map(position => [position.instrumentId, position]))
  const ids = activity.flatMap(({ account, instrumentId }) => account === 'issuance' && instrumentId !== null ? [instrumentId] : [])
  const held = [...positions.values()].filter(({ issuance }) => issuance > 0).map(({ instrumentId }) => instrumentId)
  return [...new Set<InstrumentId>([...ids, ...held])].sort().map(instrumentId => ({
    user: call.caller.user,
    holder,
    instrumentId,
    position: positions.get(instrumentId) ?? null,
    issuance: new ActivityOf(activity, 'issuance', instrumentId),
    trading: new ActivityOf(activity, 'trading', instrumentId)
  }))
}

const liabilities = z.strictObject({
  data: z.array(liabilityRow),
  totals: z.strictObject({ proceeds_pending: amount.meta({ description: 'Of all that was sold: not yet final.' }) })
})

export function supplyAccountRoutes (ports: Ports): Route[] {
  return [
    ownResource({
      path: '/supply-issuances/summary',
      summary: 'What you issued, by instrument.',
      access,
      query: {},
      replies: { 200: z.strictObject({ data: z.array(summaryRow) }) },
      answer: async call => ({ body: { data: (await supplies(ports, call)).map(summaryJson) } })
    }),
    ownList({
      path: '/issuance-accounts',
      summary: 'Issued units that are not in Trading yet.',
      access,
      listing: listingOf(accountFilters),
      replies: { 200: countedPage(issuanceRow) },
      answer: async (call, asked) => {
        const rows = (await supplies(ports, call)).map(issuanceJson)
        return { body: listAtHand(entriesOf(rows), asked) }
      }
    }),
    ownResource({
      path: '/supplier-liability',
      summary: 'What you sold and have to deliver, by instrument.',
      access,
      query: {},
      replies: { 200: liabilities },
      answer: async call => {
        const rows = await supplies(ports, call)
        const totals = { proceeds_pending: dollars(ownHolder(ports.ledger, call).pending) }
        return { body: { data: rows.map(liabilityJson), totals } }
      }
    }),
    ownResource({
      path: '/supplier-liability/:instrument',
      summary: 'What you sold of one instrument and have to deliver.',
      access,
      query: {},
      replies: { 200: one(liabilityRow) },
      answer: async call => {
        const asked = instrumentByPublicId(call.params['instrument'] ?? '')
        if (asked === undefined) throw new ApiError('instrument_not_found', 'There is no such instrument.')
        const supply = (await supplies(ports, call)).find(({ instrumentId }) => instrumentId === asked.instrumentId)
        if (supply === undefined) throw new ApiError('not_found', 'You have issued nothing of this instrument.')
        return { body: { data: liabilityJson(supply) } }
      }
    })
  ]
}
