// `/v1/usage`: what an account's requests took and cost, for whoever has one of its keys.

import type { RequestView } from '../../pipelines/ledger/usage/views.ts'
import type { HolderId } from '../../schemas/units.ts'
import { receiptOf, receiptsOf, summaryOf } from '../receipts/receipts.ts'
import { calling } from './brakes.ts'
import type { Consumption } from './consumption.ts'
import type { ReceiptPlace } from './paths.ts'
import type { Arrived, Reply } from './wire.ts'

/** What was refused has no place in the ledger, and is remembered here for a minute. */
function refusedView ({ requests }: Consumption, holder: HolderId, requestId: string): RequestView | undefined {
  const refused = requests.refused(requestId)
  return refused === undefined || refused.holder !== holder ? undefined : { ...refused, authorizedAt: refused.at }
}

export async function receiptReply (c: Consumption, place: ReceiptPlace, arrived: Arrived): Promise<Reply> {
  const now = c.now()
  const { user: { userId: holder } } = calling(c, arrived)
  const { query } = arrived
  switch (place.kind) {
    case 'receipts': return { json: await receiptsOf(c.receipts, { holder, query }) }
    case 'receipt-sums': return { json: await summaryOf(c.receipts, { holder, query, now }) }
    case 'receipt': {
      const view = c.requests.view(holder, place.id) ?? refusedView(c, holder, place.id)
      return { json: await receiptOf(c.receipts, { holder, requestId: place.id, view, now }) }
    }
  }
}
