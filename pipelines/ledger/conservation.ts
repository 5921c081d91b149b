// The report that the ledger prints about itself: what all accounts of a partition come to, asset by asset. Each asset
// comes to nothing, or something was made or lost.

import type { HolderAccount, HouseAccount } from '../../schemas/ledger/records.ts'
import { holderField } from './holders.ts'
import { tokensPerUnit } from '../../schemas/units.ts'
import { usd } from './journal.ts'
import type { Ledger } from './ledger.ts'
import { positionField } from './positions.ts'

export type ConservationRow = {
  readonly asset: string
  /** By account, all holders together. */
  readonly accounts: Readonly<Partial<Record<HolderAccount | HouseAccount, bigint>>>
  /** Zero. */
  readonly sum: bigint
}

type Accounts = ConservationRow['accounts']

const row = (asset: string, accounts: Accounts): ConservationRow =>
  ({ asset, accounts, sum: Object.values(accounts).reduce((sum, amount) => sum + amount, 0n) })

/** Slow: it walks all accounts. */
export function conservation (state: Ledger): ConservationRow[] {
  const rows = [row(usd, money(state))]
  for (const instrument of state.instruments.listed) {
    if (instrument === undefined) continue
    const { trading, issuance, consumption } = units(state, instrument.index)
    const { inTransit, issued, conversion, drawn, breakage } = instrument
    rows.push(row(instrument.instrumentId, {
      trading, issuance, in_transit: BigInt(inTransit), issued: BigInt(issued), conversion: BigInt(conversion)
    }))
    rows.push(row(instrument.tokens, {
      consumption,
      conversion: -BigInt(conversion) * BigInt(tokensPerUnit),
      drawn: BigInt(drawn),
      breakage: BigInt(breakage)
    }))
  }
  return rows
}

function money ({ holders, house }: Ledger): Accounts {
  const sums = { cash: 0n, grant: 0n, pending: 0n }
  for (let holder = 1; holder < holders.end; holder++) {
    sums.cash += BigInt(holders.of(holder, holderField.cash))
    sums.grant += BigInt(holders.of(holder, holderField.grant))
    sums.pending += BigInt(holders.of(holder, holderField.pending))
  }
  return {
    ...sums,
    in_transit: BigInt(house.inTransit),
    fees: BigInt(house.fees),
    deposits: BigInt(house.deposits),
    grants: BigInt(house.grants),
    managed: BigInt(house.managed)
  }
}

function units ({ positions }: Ledger, instrument: number): Record<'trading' | 'issuance' | 'consumption', bigint> {
  const sums = { trading: 0n, issuance: 0n, consumption: 0n }
  for (let position = 1; position < positions.end; position++) {
    if (positions.of(position, positionField.instrument) !== instrument) continue
    sums.trading += BigInt(positions.of(position, positionField.trading))
    sums.issuance += BigInt(positions.of(position, positionField.issuance))
    sums.consumption += BigInt(positions.of(position, positionField.consumption))
  }
  return sums
}
