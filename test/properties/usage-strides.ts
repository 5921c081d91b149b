// What a stride about lots and usage says, as things stand: which nonce is live, which sequence is next, which lots
// there are.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { instruments } from './ledger-cast.ts'
import type { LedgerNaive } from './ledger-naive.ts'
import type { Reading, UsageStride, Whose } from './usage-commands.ts'
import { isEnded } from './usage-naive-requests.ts'

type Named = Omit<Whose, 'back'>

/** Which request is meant, as things stand. */
function find (twin: LedgerNaive, { holder, requestId, back }: Whose): Named {
  const alive = twin.requests.filter(each => !isEnded(each))
  const request = back === null ? undefined : alive.at(-1 - back) ?? twin.requests.at(-1)
  return { holder: request?.holder ?? holder, requestId: request?.id ?? requestId }
}

function nonceOf (twin: LedgerNaive, { holder, requestId }: Named, of: { aim: string, nonce: string }): string {
  if (of.aim === 'empty') return ''
  return of.aim === 'right' ? twin.request(holder, requestId)?.nonce ?? of.nonce : of.nonce
}

function readingOf (twin: LedgerNaive, whose: Named, { step, aim, source }: Reading): Record<string, unknown> {
  const request = twin.request(whose.holder, whose.requestId)
  const sequence = Math.max(0, (request?.sequence ?? 0) + step)
  const nonce = nonceOf(twin, whose, { aim, nonce: 'n0' })
  return { ...whose, sequence, nonce, source, eventId: `e${sequence}`, occurredAt: 5 }
}

export function commandOf (twin: LedgerNaive, stride: UsageStride, at: number): LedgerCommand {
  return plainCommandOf(twin, stride, at) as unknown as LedgerCommand
}

function plainCommandOf (twin: LedgerNaive, stride: UsageStride, at: number): Record<string, unknown> {
  switch (stride.does) {
    case 'authorize': {
      const { again, terms } = stride
      const last = twin.requests.at(-1)
      if (again !== null && last !== undefined) return { ...last.asked, [again]: terms[again] }
      // Mostly where there are tokens.
      const run = stride.ofSome === null ? undefined : twin.runs.at(-1 - stride.ofSome)
      const of = run === undefined ? {} : { holder: run.lot.holder, instrumentId: run.lot.instrumentId }
      return { kind: 'authorize-usage', ...terms, ...of }
    }
    case 'stock': return orderOf(stride)
    case 'expire': {
      const lots = [...new Set(twin.runs.map(({ lot }) => lot))]
      const lot = lots[stride.pick % (lots.length + 1)]
      return { kind: 'expire-lot', holder: stride.isForeign ? 16 : lot?.holder ?? 8, lotId: lot?.id ?? 64 }
    }
    case 'sweep': return { kind: 'sweep-position', holder: stride.holder, instrumentId: stride.instrumentId }
    case 'clock': {
      const { isStop, instrumentId, effectiveIn } = stride
      return { kind: isStop ? 'stop-clock' : 'start-clock', instrumentId, effectiveAt: at + effectiveIn }
    }
    default: return requestCommandOf(twin, stride, find(twin, stride.of))
  }
}

type OfRequest = Extract<UsageStride, { of: Whose }>

function requestCommandOf (twin: LedgerNaive, stride: OfRequest, of: Named): Record<string, unknown> {
  if (stride.does === 'unstart') return { kind: 'unstart-usage', ...of, nonce: nonceOf(twin, of, stride) }
  if (stride.does === 'start') {
    return { kind: 'start-usage', ...of, nonce: nonceOf(twin, of, stride), supplier: stride.supplier }
  }
  const reading = readingOf(twin, of, stride.reading)
  if (stride.does === 'extend') return { kind: 'extend-usage', ...reading, produced: stride.produced, more: stride.more }
  const instrumentId = twin.request(of.holder, of.requestId)?.instrumentId ?? instruments[0]
  if (stride.does === 'void') return { kind: 'void-usage', ...reading, instrumentId, fault: stride.fault, reason: '', tokens: stride.tokens }
  const { input, output } = stride
  return { kind: 'capture-usage', ...reading, instrumentId, supplier: input === 1 ? 16 : 0, inputTokens: input, outputTokens: output }
}

/** Units bought at once, so that there is something to be used. */
function orderOf ({ holder, quantity, autoTransfer }: Extract<UsageStride, { does: 'stock' }>): Record<string, unknown> {
  return {
    kind: 'submit-order',
    holder,
    instrumentId: instruments[0],
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    price: 100,
    stopPrice: null,
    quantity,
    notional: null,
    expiresAt: null,
    oco: null,
    clientOrderId: null,
    content: '',
    selfTradePrevention: 'cancel_newest',
    autoTransfer,
    bookSequence: null,
    submittedAt: 5,
    commandId: ''
  }
}
