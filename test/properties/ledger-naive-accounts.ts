// The half of the ledger's naive twin that no order touches: holders, money, units. See ledger-naive.ts.

import type {
  CancelAll, Deposit, FinalizeProceeds, IssueSupply, LedgerCommand, ListInstrument, ReceiveFunds, ReturnFunds,
  SetAccountMode, SetDeadMan, SetHolder, SetLedgerParameters, TransferFunds, TransferIssued, TransferToConsumption,
  Withdraw
} from '../../schemas/ledger/commands.ts'
import type { EntryType, Posting } from '../../schemas/ledger/records.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import { posting } from './ledger-naive-books.ts'
import { isWhole } from './ledger-naive-checks.ts'
import { NaiveLots } from './lots-naive.ts'

const day = 24 * 60 * 60 * 1000
const most = 10 ** 15

type Refuse = (reason: LedgerRefusal, when: boolean) => void
type Keyed = Exclude<Extract<LedgerCommand, { reference: string }>, ReturnFunds>

/** The half that no order touches. `cash` says what no order holds, and `cancelAll` is the other half's. */
export abstract class NaiveAccounts extends NaiveLots {
  abstract cash (holder: number): number
  abstract unheld (holder: number, instrumentId: string): number
  abstract cancelOpen (holder: number, reason: string, instrumentId: string | null): number

  setHolder (command: SetHolder, isLate: boolean): void {
    const { holder, owner, isIssuer, isSuspended } = command
    const known = this.holder(holder)
    const isId = (id: number) => isWhole(id, 1, Number.MAX_SAFE_INTEGER)
    let refusal: LedgerRefusal | null = null
    if (!isId(owner) || (known !== undefined && known.owner !== owner)) refusal = 'other_owner'
    if (isLate) refusal = 'too_late'
    if (!isId(holder)) refusal = 'unknown_holder'
    if (refusal !== null) {
      this.answer(command, refusal)
      return
    }
    if (known === undefined) this.holders.push({ holder, owner, isIssuer, isSuspended, mode: 'advanced', deadManAt: null, hasPaid: false })
    else Object.assign(known, { isIssuer, isSuspended })
    this.answer(command, null, { count: isSuspended ? this.cancelOpen(holder, 'suspended', null) : 0 })
  }

  setMode (command: SetAccountMode, isLate: boolean): void {
    const holder = this.holder(command.holder)
    const refusal = holder === undefined ? 'unknown_holder' : isLate ? 'too_late' : null
    let count = 0
    if (refusal === null && holder!.mode !== command.mode) {
      count = this.cancelOpen(command.holder, 'mode_change', null)
      holder!.mode = command.mode
    }
    this.answer(command, refusal, { count })
  }

  setDeadMan (command: SetDeadMan, isLate: boolean): void {
    const holder = this.holder(command.holder)
    const isSane = isWhole(command.timeoutMs, 0, day)
    const refusal = holder === undefined ? 'unknown_holder' : isLate ? 'too_late' : isSane ? null : 'invalid_expiry'
    if (refusal === null) holder!.deadManAt = command.timeoutMs === 0 ? null : this.now + command.timeoutMs
    this.answer(command, refusal)
  }

  fireDeadMen (): void {
    const due = this.holders.filter(({ deadManAt }) => deadManAt !== null && deadManAt <= this.now)
    for (const holder of due.sort((a, b) => a.deadManAt! - b.deadManAt! || a.holder - b.holder)) {
      holder.deadManAt = null
      this.cancelOpen(holder.holder, 'dead_man', null)
    }
  }

  cancelAll (command: CancelAll, isLate: boolean): void {
    const { holder, instrumentId, reason } = command
    const isUnknown = instrumentId !== null && !this.listed.has(instrumentId)
    const refusal = this.holder(holder) === undefined ? 'unknown_holder' : isUnknown ? 'unknown_instrument' : isLate ? 'too_late' : null
    this.answer(command, refusal, { count: refusal === null ? this.cancelOpen(holder, reason, instrumentId) : 0 })
  }

  /** A repeat is answered as done; the first reason of `reasons` that applies is the refusal; else it is done. */
  keyed (command: Keyed, content: unknown[], attempt: (refuse: Refuse) => () => void): LedgerRefusal | null {
    const key = JSON.stringify([command.kind, command.holder, command.reference, command.kind === 'receive-funds' ? command.from : 0])
    const text = JSON.stringify(content)
    if (this.holder(command.holder) !== undefined && this.done.get(key) === text) {
      this.answer(command, null)
      return null
    }
    const refusals: LedgerRefusal[] = []
    const refuse: Refuse = (reason, when) => { if (when) refusals.push(reason) }
    refuse('unknown_holder', this.holder(command.holder) === undefined)
    refuse('unknown_instrument', 'instrumentId' in command && !this.listed.has(command.instrumentId))
    refuse('reference_conflict', this.done.has(key))
    const doIt = attempt(refuse)
    const refusal = refusals[0] ?? null
    if (refusal === null) {
      doIt()
      this.done.set(key, text)
    }
    this.answer(command, refusal)
    return refusal
  }

  money (command: Deposit | Withdraw | TransferFunds | FinalizeProceeds, isLate: boolean): void {
    const { holder, reference } = command
    const amount: number = command.amount
    const usd = (account: Posting['account'], of: number, sum: number) => posting(account, of, 'usd', sum)
    const content = [amount, 'isGrant' in command && command.isGrant, 'to' in command && command.to, 'owner' in command && command.owner]
    this.keyed(command, content, refuse => {
      const known = this.holder(holder)
      refuse('too_late', isLate)
      refuse('account_suspended', known?.isSuspended === true && (command.kind === 'withdraw' || command.kind === 'transfer-funds'))
      if (command.kind === 'transfer-funds') {
        refuse('other_owner', known?.owner !== command.owner)
        refuse('unsupported', command.to === holder || !isWhole(command.to, 1, Number.MAX_SAFE_INTEGER))
      }
      refuse('unsupported', reference.length < 1 || reference.length > 200)
      refuse('invalid_amount', !isWhole(amount, 1, most))
      const book = (type: EntryType, ...postings: Posting[]) => () => {
        this.book(holder, { type, reference, instrumentId: null, postings })
      }
      switch (command.kind) {
        case 'deposit': {
          const account = command.isGrant ? 'grant' : 'cash'
          refuse('invalid_amount', this.balance(account, holder, 'usd') + amount > most)
          const source = command.isGrant ? 'grants' : 'deposits'
          return () => {
            book(command.isGrant ? 'grant' : 'deposit', usd(account, holder, amount), usd(source, 0, -amount))()
            if (!command.isGrant) known!.hasPaid = true
          }
        }
        case 'withdraw':
          refuse('insufficient_balance', this.cash(holder) < amount)
          return book('withdrawal', usd('cash', holder, -amount), usd('deposits', 0, amount))
        case 'finalize-proceeds':
          refuse('insufficient_balance', this.balance('pending', holder, 'usd') < amount)
          return book('proceeds_final', usd('pending', holder, -amount), usd('cash', holder, amount))
        case 'transfer-funds':
          refuse('insufficient_balance', this.cash(holder) < amount)
          return () => {
            book('transfer_out', usd('cash', holder, -amount), usd('in_transit', 0, amount))()
            this.outputs.push({ kind: 'receive-funds', holder: command.to, owner: command.owner, from: holder, amount: command.amount, reference })
          }
      }
    })
  }

  receive (command: ReceiveFunds): void {
    const { holder, owner, from, amount, reference } = command
    const refusal = this.keyed(command, [amount, owner], refuse => {
      refuse('other_owner', this.holder(holder)?.owner !== owner)
      refuse('invalid_amount', !isWhole(amount, 1, most) || this.balance('cash', holder, 'usd') + amount > most)
      return () => {
        this.credit(holder, 'transfer_in', amount, reference)
        this.holder(holder)!.hasPaid = true
      }
    })
    if (refusal === null || refusal === 'reference_conflict' || !isWhole(amount, 1, most)) return
    this.outputs.push({ kind: 'return-funds', holder: from, to: holder, amount, refusal, reference })
  }

  takeBack (command: ReturnFunds): void {
    const { holder, amount, refusal, reference } = command
    const isKnown = this.holder(holder) !== undefined
    if (isKnown) {
      this.credit(holder, 'transfer_returned', amount, reference)
      this.done.delete(JSON.stringify(['transfer-funds', holder, reference, 0]))
    }
    this.answer({ kind: 'transfer-funds', holder, reference }, isKnown ? refusal : 'unknown_holder')
  }

  credit (holder: number, type: EntryType, amount: number, reference: string): void {
    const postings = [posting('cash', holder, 'usd', amount), posting('in_transit', 0, 'usd', -amount)]
    this.book(holder, { type, reference, instrumentId: null, postings })
  }

  supply (command: IssueSupply | TransferIssued | TransferToConsumption, isLate: boolean): void {
    const { holder, instrumentId, reference } = command
    const quantity: number = command.quantity
    const book = (type: EntryType, ...postings: Posting[]): void => {
      this.book(holder, { type, reference, instrumentId, postings })
    }
    const unit = (account: Posting['account'], of: number, amount: number) => posting(account, of, instrumentId, amount)
    this.keyed(command, [instrumentId, quantity], refuse => {
      const known = this.holder(holder)
      refuse('too_late', isLate)
      refuse('account_suspended', known?.isSuspended === true)
      refuse('not_an_issuer', command.kind !== 'transfer-to-consumption' && known?.isIssuer !== true)
      refuse('unsupported', reference.length < 1 || reference.length > 200)
      refuse('invalid_quantity', !isWhole(quantity, 1, 999_999_999))
      if (command.kind === 'issue-supply') {
        return () => {
          this.touch(holder, instrumentId)
          book('issuance', unit('issuance', holder, quantity), unit('issued', 0, -quantity))
        }
      }
      if (command.kind === 'transfer-issued') {
        refuse('insufficient_units', this.balance('issuance', holder, instrumentId) < quantity)
        return () => {
          const tranche = { sequence: 0, period: 0, price: 0, units: quantity, grant: 0, isIssued: true }
          this.tranches.push({ holder, instrumentId, ...tranche })
          book('issued_transfer', unit('issuance', holder, -quantity), unit('trading', holder, quantity))
        }
      }
      const ordinary = this.tranchesOf(holder, instrumentId).filter(({ isIssued }) => !isIssued)
      const units = ordinary.reduce((sum, tranche) => sum + tranche.units, 0)
      refuse('insufficient_units', Math.min(this.unheld(holder, instrumentId), units) < quantity)
      refuse('invalid_quantity', !this.hasRoom(holder, instrumentId, quantity))
      return () => {
        const pieces = this.take(ordinary, quantity)
        this.consume(holder, { type: 'consumption_transfer', instrumentId, reference, pieces, openedAt: this.now })
      }
    })
  }

  list (command: ListInstrument, isLate: boolean): void {
    const { instrumentId, index, referencePrice } = command
    const known = this.listed.get(instrumentId)
    const isTaken = [...this.listed.values()].some(each => each.index === index)
    const isWrong = !isWhole(index, 0, 31) || (known === undefined ? isTaken : known.index !== index)
    const refusal = isLate ? 'too_late' : isWrong ? 'unsupported' : isWhole(referencePrice, 1, 10 ** 13) ? null : 'invalid_price'
    if (refusal === null) this.listed.set(instrumentId, { index })
    this.answer({ kind: command.kind }, refusal)
  }

  setParameters ({ kind, ...parameters }: SetLedgerParameters, isLate: boolean): void {
    const { feeTiers, openOrdersMax, stopSlippageBp, freeRequestsPerDay, freeOpenMax } = parameters
    const rises = feeTiers[0]?.volumeFrom === 0 &&
      feeTiers.every(({ volumeFrom }, index) => volumeFrom > (feeTiers[index - 1]?.volumeFrom ?? -1))
    const fees = feeTiers.every(({ makerBp, takerBp }) => isWhole(makerBp, 0, 500) && isWhole(takerBp, 0, 500))
    const isSane = rises && fees && isWhole(openOrdersMax, 1, 10_000) && isWhole(stopSlippageBp, 0, 5000) &&
      isWhole(freeRequestsPerDay, 0, 10 ** 6) && isWhole(freeOpenMax, 0, 10 ** 6)
    const refusal = isLate ? 'too_late' : isSane ? null : 'unsupported'
    if (refusal === null) this.parameters = parameters
    this.answer({ kind }, refusal)
  }
}
