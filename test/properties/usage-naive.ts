// What requests ask of the ledger's naive twin, and what readings make of them. See ledger-naive.ts.

import type {
  AuthorizeUsage, CaptureUsage, ExpireLot, ExtendUsage, StartClock, StartUsage, StopClock, SweepPosition, UnstartUsage,
  VoidUsage
} from '../../schemas/ledger/usage-commands.ts'
import type { LotChange, UsageReceipt } from '../../schemas/ledger/usage-records.ts'
import type { UnbilledReason, UnbilledUsage } from '../../schemas/usage/records.ts'
import type { Posting } from '../../schemas/ledger/records.ts'
import { posting } from './ledger-naive-books.ts'
import { isWhole } from './ledger-naive-checks.ts'
import { countOf } from './lots-naive.ts'
import { isPeriod } from './usage-naive-means.ts'
import { NaivePurchases } from './usage-naive-purchases.ts'
import { type NaiveRequest, type Reason, firstOf, isEnded, tokensMost } from './usage-naive-requests.ts'

const parkedMost = 1000
const day = 24 * 60 * 60 * 1000
const isTokens = (value: number, min = 0): boolean => isWhole(value, min, tokensMost)

/** Why what was delivered is not billed, by why the reading is refused. */
const misfits = new Map<Reason, UnbilledReason>([
  ['request_closed', 'closed_request'], ['not_started', 'not_started'], ['stale_nonce', 'stale_nonce']
])

type Wrong = Parameters<typeof firstOf>[0]
type Reading = CaptureUsage | VoidUsage

export abstract class NaiveUsage extends NaivePurchases {
  authorize (command: AuthorizeUsage, isLate: boolean): void {
    const { holder, instrumentId, requestId, need, min, limitPrice } = command
    const known = this.holder(holder)
    const first = this.request(holder, requestId)
    if (first !== undefined && contentOf(first.asked) === contentOf(command)) {
      this.tell(first, command.kind)
      return
    }
    const isShort = this.available(holder, instrumentId) < min
    const mayWait = known?.mode === 'easy' && limitPrice !== null
    const parked = this.requests.filter(each => each.holder === holder && each.status === 'parked')
    const isCrowded = parked.length >= parkedMost
    const ofWords = firstOf({
      unknown_holder: known === undefined,
      unknown_instrument: !this.listed.has(instrumentId),
      too_late: isLate,
      account_suspended: known?.isSuspended === true,
      request_conflict: first !== undefined,
      invalid_tokens: !isTokens(min, 1) || !isTokens(need, min) || !isSaneBudget(command)
    })
    if (ofWords === null) this.setBudget(command)
    const isFree = known?.hasPaid === false
    const refusal = ofWords ?? firstOf({
      free_tier_open: isFree && this.openOf(holder) >= this.parameters.freeOpenMax,
      free_tier_requests: isFree && this.asksToday(holder) >= this.parameters.freeRequestsPerDay,
      budget_exhausted: this.leftOf(command) < min,
      too_many_parked: isShort && mayWait && isCrowded,
      insufficient_tokens: isShort && !mayWait && !this.canPay(holder, command)
    })
    if (refusal !== null && first !== undefined) {
      this.tell(first, command.kind, refusal)
      return
    }
    if (refusal !== null) {
      this.tellNothing(command, refusal)
      return
    }
    const request = this.newRequest(command)
    this.requests.push(request)
    this.asks.push({ holder, at: this.now })
    this.touch(holder, instrumentId)
    const waits = mayWait && !isCrowded && this.available(holder, instrumentId) < this.wantedBy(command)
    if (waits) this.park(request)
    else this.admit(request, isShort)
    this.tell(request, command.kind)
    if (waits) this.buy(holder, instrumentId)
  }

  /** Says why not, or does it and says what the request is then. */
  judge (
    command: StartUsage | UnstartUsage | ExtendUsage, isLate: boolean, wrongWith: (request: NaiveRequest) => Wrong
  ): NaiveRequest | null {
    const request = this.request(command.holder, command.requestId)
    const waits = request?.status === 'parked'
    const refusal = firstOf({
      unknown_holder: this.holder(command.holder) === undefined,
      too_late: isLate,
      unknown_request: request === undefined,
      request_closed: request !== undefined && isEnded(request)
    }) ?? (waits ? 'insufficient_tokens' : null) ?? firstOf({
      ...request === undefined ? {} : wrongWith(request)
    })
    if (refusal === null) return request!
    if (request === undefined) this.tellNothing(command, refusal)
    else this.tell(request, command.kind, refusal)
    return null
  }

  start (command: StartUsage, isLate: boolean): void {
    const { holder, requestId, nonce, supplier } = command
    const known = this.request(holder, requestId)
    if (known?.status === 'started' && known.nonce === nonce && !isLate) {
      this.tell(known, command.kind)
      return
    }
    const request = this.judge(command, isLate, ({ status }) => ({
      already_started: status === 'started', stale_nonce: nonce === ''
    }))
    if (request === null) return
    this.begin(request, nonce, supplier)
    this.tell(request, command.kind)
  }

  unstart (command: UnstartUsage, isLate: boolean): void {
    const request = this.judge(command, isLate, ({ status, nonce }) => ({
      not_started: status !== 'started', stale_nonce: nonce !== command.nonce
    }))
    if (request === null) return
    this.undo(request)
    this.tell(request, command.kind)
  }

  extend (command: ExtendUsage, isLate: boolean): void {
    const { source, sequence, nonce, produced, more } = command
    const request = this.judge(command, isLate, ({ asked, status, sequence: last, nonce: live }) => ({
      not_source_of_record: source !== asked.recorder,
      not_started: status !== 'started' && nonce !== '',
      stale_nonce: live !== nonce,
      stale_sequence: sequence <= last,
      invalid_tokens: !isTokens(produced) || !isTokens(more)
    }))
    if (request === null) return
    const wanted = Math.min(more, Math.max(0, this.leftOf(request.asked)))
    const held = this.heldBy(request)
    this.goOn(request, { sequence, produced, more })
    this.tell(request, command.kind)
    this.buyForMore(request, wanted - (this.heldBy(request) - held))
  }

  void (command: VoidUsage, isLate: boolean): void {
    const { holder, requestId, sequence, nonce, source, fault, tokens } = command
    const request = this.request(holder, requestId)
    const isKnown = this.holder(holder) !== undefined
    if (isKnown && isLate) {
      if (request === undefined) this.tellNothing(command, 'too_late')
      else this.tell(request, command.kind, 'too_late')
      return
    }
    if (request === undefined) {
      this.tellNothing(command, isKnown ? 'unknown_request' : 'unknown_holder')
      this.tellUnbilled(command, tokens, 'unknown_request')
      return
    }
    const { status, nonce: live } = request
    // 0: it is no reading's.
    const isStale = sequence > 0 && sequence <= request.sequence
    const refusal = firstOf({
      request_closed: isEnded(request),
      not_source_of_record: source !== request.asked.recorder,
      not_started: status !== 'started' && nonce !== '',
      stale_nonce: live !== nonce,
      stale_sequence: isStale,
      invalid_tokens: !isTokens(tokens)
    })
    if (refusal !== null) {
      this.tell(request, command.kind, refusal)
      const isCounted = source === request.asked.recorder && !isStale
      const reason = misfits.get(refusal)
      if (reason !== undefined && isCounted) this.tellUnbilled(command, tokens, reason, request.supplier)
      return
    }
    request.sequence = Math.max(sequence, request.sequence)
    this.giveUp(request, fault === 'supplier' || fault === 'house')
    this.end(request, 'voided')
    this.tellUnbilled(command, tokens, 'voided', request.supplier)
    this.tell(request, command.kind)
  }

  capture (command: CaptureUsage): void {
    const { holder, requestId, sequence, source, nonce, inputTokens, outputTokens } = command
    const taken = inputTokens + outputTokens
    const request = this.request(holder, requestId)
    if (!isTokens(inputTokens) || !isTokens(outputTokens)) {
      if (request === undefined) this.tellNothing(command, 'invalid_tokens')
      else this.tell(request, command.kind, 'invalid_tokens')
      return
    }
    if (request === undefined) {
      this.tellUnbilled(command, taken, 'unknown_request')
      return
    }
    if (source !== request.asked.recorder || sequence <= request.sequence) return
    if (isEnded(request)) this.tellUnbilled(command, taken, 'closed_request')
    else if (request.status !== 'started') this.tellUnbilled(command, taken, 'not_started')
    else if (request.nonce !== nonce) this.tellUnbilled(command, taken, 'stale_nonce')
    else this.bill(request, command)
  }

  bill (request: NaiveRequest, command: CaptureUsage): void {
    const { holder, instrumentId, id, produced, authorizedAt, supplier } = request
    const { sequence, source, eventId, inputTokens, outputTokens, occurredAt } = command
    const taken = inputTokens + outputTokens
    const held = this.heldBy(request)
    const billed = Math.min(taken, held)
    this.draw(request, billed)
    const by = command.supplier === 0 ? supplier : command.supplier
    const reading = { sequence, source, eventId, supplier: by, inputTokens, outputTokens, occurredAt }
    const { keyId } = request.asked
    const managedPrice = request.isManaged ? request.asked.managedPrice : null
    const told = { requestId: id, ...reading, billed, held, keyId, managedPrice, authorizedAt }
    const entry = { type: 'usage', reference: id, instrumentId, usage: told as UsageReceipt } as const
    this.book(holder, { ...entry, ...request.isManaged ? this.payFor(request, billed) : this.drawFor(request, billed) })
    request.sequence = sequence
    this.end(request, 'captured')
    this.tellUnbilled(command, taken - held, 'beyond_held', by)
    this.tellUnbilled(command, produced - taken, 'below_produced', by)
  }

  payFor (request: NaiveRequest, billed: number): { postings: Posting[] } {
    const { cash, grant } = this.pricedFor(request, billed)
    const [own, usd] = [request.holder, 'usd']
    return { postings: [posting('grant', own, usd, -grant), posting('cash', own, usd, -cash), posting('managed', 0, usd, cash + grant)] }
  }

  drawFor (request: NaiveRequest, billed: number): { postings: Posting[], lots: LotChange[] } {
    const { holder, instrumentId } = request
    const kept = countOf(this.keptFor(request))
    const ofKept = this.takeTokens(this.keptFor(request), Math.min(kept, billed), 'drawn')
    const ofLive = this.takeTokens(this.liveOf(holder, instrumentId), Math.max(0, billed - kept), 'drawn')
    const broken = countOf(this.keptFor(request))
    const ofRest: LotChange[] = this.takeTokens(this.keptFor(request), broken, 'expired')
    const tokens = `${instrumentId}:tokens`
    const postings = [
      posting('consumption', holder, tokens, -billed - broken), posting('drawn', 0, tokens, billed),
      posting('breakage', 0, tokens, broken)
    ]
    return { postings, lots: [...ofKept, ...ofLive, ...ofRest] }
  }

  tellUnbilled (reading: Reading, tokens: number, reason: UnbilledReason, by?: number): void {
    if (tokens <= 0) return
    const { holder, instrumentId, requestId, sequence, source, eventId } = reading
    const isCapture = reading.kind === 'capture-usage'
    this.outputs.push({
      kind: 'unbilled-usage',
      holder,
      instrumentId,
      requestId,
      sequence,
      source,
      eventId,
      supplier: by ?? (isCapture ? reading.supplier : 0),
      tokens,
      inputTokens: isCapture ? reading.inputTokens : 0,
      outputTokens: isCapture ? reading.outputTokens : tokens,
      reason,
      at: this.now
    } as unknown as UnbilledUsage)
  }

  expireLot (command: ExpireLot, isLate: boolean): void {
    const { holder, lotId } = command
    let refusal = firstOf({ unknown_holder: this.holder(holder) === undefined, too_late: isLate })
    let count = 0
    if (refusal === null) {
      const broken = this.breakLot(holder, lotId)
      if (broken === null) refusal = 'not_expired'
      else count = broken
    }
    this.answer({ ...command, reference: String(lotId) }, refusal, { count })
  }

  /** What was due has been booked before. */
  sweepPosition (command: SweepPosition, isLate: boolean, units: number): void {
    const { holder, instrumentId } = command
    const refusal = firstOf({
      unknown_holder: this.holder(holder) === undefined,
      unknown_instrument: !this.listed.has(instrumentId),
      too_late: isLate
    })
    this.answer({ ...command, reference: instrumentId }, refusal, { count: refusal === null ? units : 0 })
  }

  setClock ({ kind, instrumentId, effectiveAt }: StopClock | StartClock, isLate: boolean): void {
    const isSane = isWhole(effectiveAt, 0, this.now + day)
    const known = firstOf({ unknown_instrument: !this.listed.has(instrumentId), too_late: isLate })
    if (known === null && isSane) this.toggle(instrumentId, kind === 'stop-clock', effectiveAt)
    this.answer({ kind, reference: instrumentId }, known ?? (isSane ? null : 'unsupported'))
  }
}

function contentOf ({ instrumentId, need, min, recorder, ...rest }: AuthorizeUsage): string {
  const { limitPrice, spendMax, managedPrice, keyId, budget, budgetPeriod } = rest
  const ofBudget = budget === null ? null : [budget, budgetPeriod]
  return JSON.stringify([instrumentId, need, min, recorder, limitPrice, spendMax, managedPrice, keyId, ofBudget])
}

/** A budget is a key's, and of some period. */
function isSaneBudget ({ keyId, budget, budgetPeriod }: AuthorizeUsage): boolean {
  return keyId.length <= 200 && (budget === null || (keyId !== '' && isWhole(budget, 0, 10 ** 15) && isPeriod(budgetPeriod)))
}
