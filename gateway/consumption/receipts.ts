// `/v1/usage`: what an account's requests took and cost, for whoever has one of its keys.

import { receiptOf, receiptsOf, summaryOf } from '../receipts/receipts.ts'
import { callerOf } from './caller.ts'
import type { Consumption } from './consumption.ts'
import type { ReceiptPlace } from './paths.ts'
import type { Arrived, Reply } from './wire.ts'

export async function receiptReply (
  c: Consumption, place: ReceiptPlace, { request: { headers }, address, query }: Arrived
): Promise<Reply> {
  const now = c.now()
  const { user: { userId: holder } } = callerOf(c, { headers, address, now })
  switch (place.kind) {
    case 'receipts': return { json: await receiptsOf(c.receipts, { holder, query }) }
    case 'receipt-sums': return { json: await summaryOf(c.receipts, { holder, query, now }) }
    case 'receipt': {
      const view = c.requests.view(holder, place.id)
      return { json: await receiptOf(c.receipts, { holder, requestId: place.id, view, now }) }
    }
  }
}
