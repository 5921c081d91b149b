// `PricesPort`: what Auto Mode may pay now, off this gateway's books, as a market order would be bounded.

import { instrumentById } from '../../schemas/instruments.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import type { PricesPort } from '../consumption/ports.ts'
import type { BookPort } from '../ports.ts'
import { dollars } from '../trading/decimals.ts'
import { marketProtection } from '../trading/order-prices.ts'

/** How far above the reference Auto Mode buys unless the account says otherwise. */
const aboveBpDefault = 2000

export function pricesPort (books: BookPort): PricesPort {
  return {
    limit (instrumentId: InstrumentId, pricesMaxBp: number | null) {
      const book = books.book(instrumentId, 1)
      const instrument = instrumentById(instrumentId)
      if (book?.reference == null || instrument === undefined) return null
      const { tickSize, bandBp } = instrument.trading
      const above = Math.min(pricesMaxBp ?? aboveBpDefault, bandBp === 0 ? Infinity : bandBp)
      return marketProtection('buy', null, { tickSize, bandBp: above, best: book.asks[0]?.price ?? null, reference: book.reference })
    },
    shown (instrumentId) {
      const book = books.book(instrumentId, 1)
      const price = book?.asks[0]?.price ?? book?.lastTrade?.price ?? book?.reference
      return price == null ? null : dollars(price)
    }
  }
}
