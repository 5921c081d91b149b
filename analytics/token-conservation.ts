// What tokens must add up to: all that was opened is drawn, open, expired or regranted, and costs what its lots cost.

import { instrumentId, type InstrumentId, type Instant } from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import { exact, query } from './query.ts'

/** Tokens, or picodollars, of one instrument. */
export type TokenFates = {
  readonly opened: bigint
  readonly drawn: bigint
  readonly expired: bigint
  readonly regranted: bigint
}

export type TokenSums = {
  readonly instrumentId: InstrumentId
  readonly tokens: TokenFates
  /** In Consumption, by the journal: held, to be held, and expired but not booked. */
  readonly open: bigint
  readonly cost: TokenFates
  /** What the open tokens have cost. */
  readonly openCost: bigint
  /** What the receipts of all requests say that they cost. */
  readonly billedCost: bigint
  /** Lots of which more has gone than came, or of two prices. */
  readonly wrongLots: number
  /** Holders' positions of which lots, journal and receipts do not say the same. */
  readonly wrongPositions: number
  readonly isKept: boolean
}

type Row = Record<'instrument_id' | 'opened' | 'drawn' | 'expired' | 'regranted' | 'open' | 'opened_cost', string> &
  Record<'drawn_cost' | 'expired_cost' | 'regranted_cost' | 'left_cost' | 'billed_cost', string> &
  Record<'wrong_lots' | 'wrong_positions', string>

const gone = ({ drawn, expired, regranted }: TokenFates): bigint => drawn + expired + regranted

/** By symbol; of what was booked before an instant. What is being inserted may be there in part. */
export async function tokenSums (clickHouse: ClickHouse, before: Instant): Promise<TokenSums[]> {
  return (await clickHouse.rows<Row>(query('token-conservation'), { before })).map(row => {
    const tokens = {
      opened: BigInt(row.opened),
      drawn: BigInt(row.drawn),
      expired: BigInt(row.expired),
      regranted: BigInt(row.regranted)
    }
    const cost = {
      opened: BigInt(row.opened_cost),
      drawn: BigInt(row.drawn_cost),
      expired: BigInt(row.expired_cost),
      regranted: BigInt(row.regranted_cost)
    }
    const [open, openCost, billedCost] = [BigInt(row.open), BigInt(row.left_cost), BigInt(row.billed_cost)]
    const [wrongLots, wrongPositions] = [exact(row.wrong_lots), exact(row.wrong_positions)]
    const isWhole = tokens.opened === gone(tokens) + open && cost.opened === gone(cost) + openCost
    return {
      instrumentId: instrumentId(row.instrument_id),
      tokens,
      open,
      cost,
      openCost,
      billedCost,
      wrongLots,
      wrongPositions,
      isKept: isWhole && cost.drawn === billedCost && wrongLots === 0 && wrongPositions === 0
    }
  })
}
