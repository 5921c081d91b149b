// The state of one partition: the accounts of its holders, the house's accounts, the orders that are held for.

import { type SetLedgerParameters, ledgerParameters } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import type { Instant } from '../../schemas/units.ts'
import { DeadMen } from './dead-men.ts'
import { Holders } from './holders.ts'
import { Deadlines } from './deadlines.ts'
import { Instruments } from './instruments.ts'
import { Lots } from './lots/lot-rows.ts'
import { Periods } from './lots/periods.ts'
import { Orders } from './orders.ts'
import { Positions } from './positions.ts'
import { References } from './references.ts'
import { Keys } from './usage/keys.ts'
import { requestField, Requests } from './usage/requests.ts'
import { Volumes } from './volumes.ts'

/** What a core needs of a record's place in the log. */
export type Position = {
  readonly at: Instant
  readonly partition: number
  readonly offset: number
  readonly isLate: boolean
}

/** Where what a command says goes. */
export type Say = (output: LedgerOutput) => void

export type Parameters = Omit<SetLedgerParameters, 'kind'>

/** Beyond this no command takes a balance. */
export const balanceMax = 10 ** 15

export class Ledger {
  /** Stage time. It never goes back; the runtime sees to it. */
  now = 0 as Instant
  parameters: Parameters = ledgerParameters
  readonly partition: number
  /** Of the last journal entry. */
  entrySequence = 0
  /** Lots that were ever opened. */
  lotCount = 0
  /** The house's money. Its accounts in units stand with the instruments. */
  readonly house = { inTransit: 0, fees: 0, deposits: 0, grants: 0, managed: 0 }
  readonly instruments = new Instruments()
  readonly holders = new Holders()
  readonly positions = new Positions(this.holders)
  readonly volumes = new Volumes(this.holders)
  readonly orders = new Orders(this.holders)
  readonly deadMen = new DeadMen(this.holders)
  readonly references = new References()
  readonly periods = new Periods()
  readonly lots = new Lots(this.positions)
  readonly requests = new Requests(this.positions)
  /** Consumption keys that have ever had a budget. */
  readonly keys = new Keys()
  /** Requests by when time does something to them: undoes their start, lets them lapse, ends their wait. */
  readonly requestDeadlines = new Deadlines({
    deadlineOf: slot => {
      const expiresAt = this.requests.of(slot, requestField.expiresAt)
      const startBy = this.requests.of(slot, requestField.startBy)
      return startBy === 0 ? expiresAt : Math.min(startBy, expiresAt)
    },
    rankOf: slot => this.requests.of(slot, requestField.arrival)
  })

  constructor (partition = 0) {
    this.partition = partition
  }
}
