// The steps of the ledger's scenarios, beside those of every scenario (language.ts):
//
//   ada opens [as issuer] [for ben]                    deposits 10 · is granted 10 · withdraws 10 · sends 10 to eve
//   ada issues 5 · offers 5 (issues, moves to Trading) · moves 5 to trading · consumption · finalizes 10
//   ada is suspended · is back · mode easy · dead-man 5000 · cancels all [in code-max]
//   … as d1 (a reference, or an order's name) · id x1 (a client order id) · auto-transfer · in code-max · late …
//   ada has · ada's tranches · fees · lots · sweep · requests · k1 (a key) · a1 is · all · entries   what is, there
//   100 times … (what the last says; # is which) · fees 0/10, 1000.00 0/5 · at 12:00:05, +1d00:00
//   limits 2 (open orders) · limits free 100 a day 3 at once
//   matching waits · ledger waits · goes on · trading halts · resumes · on 2026-10-25 (before all else)
//   what requests and lots do: ledger-usage-words.ts
//
// What the ledger said to anyone stands at a step's end: orders by name, commands as done or refused.

import { orderView } from '../../pipelines/ledger/views.ts'
import type { LedgerCommand, SubmitAmend, SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { JournalEntry, LedgerOutput } from '../../schemas/ledger/records.ts'
import type { TradingStatus } from '../../schemas/matching/records.ts'
import {
  type HolderId, type OrderId, holderId, instant, instrumentId, microdollars, orderIdAt, ownerId, partitionOfHolder
} from '../../schemas/units.ts'
import { type AmendWords, type OrderWords, Names, amendIn, cancelIn, orderIn, timeMs } from './language.ts'
import {
  balancesText, bookedText, feesText, keyText, lotsText, requestText, requestsText, sweepText, tranchesText
} from './ledger-sights.ts'
import { Requests, authorizationText, briefly, entryText, unbilledText } from './ledger-usage-words.ts'
import { commandsOf, limitsIn, orderText, secondLegOf, tierIn } from './ledger-words.ts'
import { World, instruments } from './ledger-world.ts'

const noon = 12 * 3_600_000

export class LedgerMarket {
  #midnight = Date.UTC(2026, 10, 21)
  #world = new World(this.#midnight + noon)
  readonly #names = new Names()
  readonly #orders = new Map<string, { orderId: OrderId, holder: HolderId }>()
  readonly #owners = new Map<string, string>()
  readonly #issuers = new Set<string>()
  readonly #suspended = new Set<string>()
  readonly #requests = new Requests()
  /** All that were ever opened. */
  readonly #lots: { readonly holder: HolderId, readonly lotId: number }[] = []
  #references = 0
  #entries: JournalEntry[] = []

  /** Does what a line says, and says what came of it. */
  step (text: string): string {
    const isLate = text.startsWith('late ')
    const step = isLate ? text.slice('late '.length) : text
    const seen = this.#look(step)
    if (seen !== null) return seen
    const [, times = '1', once = step] = /^(\d+) times (.*)$/.exec(step) ?? []
    let told = ''
    for (let time = 0; time < Number(times); time++) {
      this.#entries = []
      this.#act(once.replaceAll('#', String(time + 1)), isLate)
      told = this.#told(this.#world.take())
    }
    return told
  }

  /** At a scenario's end nothing is missing. */
  imbalances (): string[] {
    this.#world.letGo()
    return this.#world.imbalances()
  }

  #look (step: string): string | null {
    const match = /^(?:(\w+) (has|is)|(\w+)'s (tranches|fees|lots|sweep|requests|k\d)|(all|entries))$/.exec(step)
    if (match === null) return null
    const [, subject, verb, of, what, whole] = match
    if (verb === 'is') return this.#order(subject!)
    if (whole === 'all') return this.#world.imbalances().join(', ') || 'sums to zero'
    if (whole === 'entries') return bookedText(this.#entries, holder => this.#names.name(holder))
    const holder = this.#holder((subject ?? of)!)
    const state = this.#stateOf(holder)
    switch (what) {
      case 'tranches': return tranchesText(state, holder)
      case 'fees': return feesText(state, holder)
      case 'lots': return lotsText(state, holder)
      case 'sweep': return sweepText(state, holder)
      case 'requests': return requestsText(state, holder, this.#requests.of(holder))
      case undefined: return balancesText(state, holder)
      default: return keyText(state, holder, what)
    }
  }

  #act (step: string, isLate: boolean): void {
    const order = orderIn(step)
    const amend = amendIn(step)
    const cancel = step.includes(' cancels all') ? null : cancelIn(step)
    const match = /^at (\S+)$/.exec(step)
    const told = this.#requests.commandIn(step, {
      holderOf: name => this.#holder(name),
      lotOf: (name, nth) => this.#lots.filter(({ holder }) => holder === this.#holder(name))[nth - 1]?.lotId ?? 1,
      midnight: this.#midnight,
      at: this.#world.at
    })
    if (told !== null) this.#tellAll(told, isLate)
    else if (order !== null) this.#submit(order, isLate)
    else if (amend !== null) this.#amend(amend, isLate)
    else if (cancel !== null) this.#tell({ kind: 'submit-cancel', holder: this.#holder(cancel.who), orderId: this.#orderId(cancel.name) }, isLate)
    else if (match !== null) this.#pass(match[1]!)
    else if (step.startsWith('on ')) this.#begin(step.slice('on '.length))
    else if (step === 'trading halts' || step === 'trading resumes') this.#setStatus(step === 'trading halts' ? 'halted' : 'open')
    else if (step === 'matching waits') this.#world.holdBack('matching')
    else if (step === 'ledger waits') this.#world.holdBack('ledger')
    else if (step === 'goes on') this.#world.letGo()
    else if (/^(fees|limits) /.test(step)) this.#setParameters(step)
    else this.#command(step, isLate)
  }

  /** At noon of another day, before anything else. */
  #begin (date: string): void {
    this.#midnight = Date.parse(`${date}T00:00:00Z`)
    this.#world = new World(this.#midnight + noon)
  }

  #setStatus (status: TradingStatus): void {
    for (const [partition, id] of instruments.entries()) {
      this.#world.tellMatching({ kind: 'set-trading-status', instrumentId: id, status }, partition)
    }
  }

  /** `12:00`, or `+2 12:00` two days later. */
  #pass (text: string): void {
    this.#world.at = this.#midnight + timeMs(text.replace(/^\+\d+d/, '')) + Number(/^\+(\d+)d/.exec(text)?.[1] ?? 0) * 24 * 3_600_000
    this.#world.tick()
  }

  #holder (name: string): HolderId {
    return holderId(this.#names.number(name))
  }

  #owner (name: string) {
    return ownerId(this.#names.number(this.#owners.get(name) ?? name))
  }

  #orderId (name: string): OrderId {
    return this.#orders.get(name)?.orderId ?? 1 as OrderId
  }

  #tell (command: LedgerCommand, isLate = false): void {
    const holder = 'holder' in command ? command.holder : holderId(0)
    this.#world.tell(command, { partition: partitionOfHolder(holder, 2), isLate })
  }

  /** What is about an instrument goes to every partition. */
  #tellAll (command: LedgerCommand, isLate: boolean): void {
    if ('holder' in command) this.#tell(command, isLate)
    else for (const partition of this.#world.ledgers.keys()) this.#world.tell(command, { partition, isLate })
  }

  #setParameters (step: string): void {
    const [, what, values] = /^(fees|limits) (.*)$/.exec(step)!
    const words = what === 'fees' ? { feeTiers: values!.split(', ').map(tierIn) } : limitsIn(values!)
    const parameters = { ...this.#world.ledgers[0]!.parameters, ...words }
    for (const partition of this.#world.ledgers.keys()) {
      this.#world.tell({ kind: 'set-ledger-parameters', ...parameters }, { partition })
    }
  }

  #submit (words: OrderWords, isLate: boolean): void {
    const holder = this.#holder(words.who)
    const type = words.isMarket ? 'market' : words.stop === null ? 'limit' : words.price === null ? 'stop' : 'stop_limit'
    const [id, instrument] = ['id', 'in'].map(word => words.others.includes(word) ? words.others[words.others.indexOf(word) + 1]! : null)
    const slip = (stop: number): number => words.side === 'buy' ? stop + Math.floor(stop * 0.05) : stop - Math.floor(stop * 0.05)
    const { name, ...content } = words
    const command: SubmitOrder = {
      kind: 'submit-order',
      holder,
      instrumentId: instrumentId(instrument ?? 'text-prime'),
      side: words.side,
      type,
      timeInForce: words.timeInForce,
      postOnly: words.postOnly,
      reduceOnly: words.reduceOnly,
      price: words.price ?? (words.stop === null ? microdollars(200_000) : microdollars(slip(words.stop))),
      stopPrice: words.stop,
      quantity: words.quantity === null ? null : words.quantity as never,
      notional: words.worth,
      expiresAt: words.until === null ? null : instant(this.#midnight + words.until.timeMs),
      oco: words.or === null ? null : secondLegOf(words.or, slip),
      clientOrderId: id ?? null,
      content: JSON.stringify(content),
      selfTradePrevention: words.mode,
      autoTransfer: words.others.includes('auto-transfer'),
      bookSequence: null,
      submittedAt: instant(this.#world.at),
      commandId: ''
    }
    const partition = partitionOfHolder(holder, 2)
    const orderId = orderIdAt(partition, this.#world.nextOffset(partition))
    this.#name(name, orderId, holder)
    if (words.or !== null) this.#name(`${name}_stop`, orderIdAt(partition, this.#world.nextOffset(partition), 1), holder)
    this.#tell(command, isLate)
  }

  #name (name: string, orderId: OrderId, holder: HolderId): void {
    this.#orders.set(name, { orderId, holder })
  }

  #amend ({ who, name, quantity, price, stop, until }: AmendWords, isLate: boolean): void {
    const command: SubmitAmend = {
      kind: 'submit-amend',
      holder: this.#holder(who),
      orderId: this.#orderId(name),
      price,
      quantity: quantity === null ? null : quantity as never,
      stopPrice: stop,
      timeInForce: until === 'forever' ? 'gtc' : until === null ? null : 'gtd',
      expiresAt: until === null || until === 'forever' ? null : instant(this.#midnight + until.timeMs)
    }
    this.#tell(command, isLate)
  }

  #command (step: string, isLate: boolean): void {
    const [, who = '', words = ''] = /^(\w+) (.*)$/.exec(step) ?? []
    const [, body = words, name] = /^(.*) as (\w+)$/.exec(words) ?? []
    const holder = this.#holder(who)
    const reference = name ?? `r${++this.#references}`
    const commands = commandsOf(body, { holder, reference, holderOf: other => this.#holder(other) })
    if (commands !== null) {
      for (const command of commands) this.#tell(command.kind === 'transfer-funds' ? { ...command, owner: this.#owner(who) } : command, isLate)
      return
    }
    const opens = /^(opens|is suspended|is back)( as issuer)?(?: for (\w+))?$/.exec(name === undefined ? body : words)
    if (opens === null) throw new Error(`nobody knows what "${step}" means`)
    if (opens[2] !== undefined) this.#issuers.add(who)
    if (opens[1] === 'is suspended') this.#suspended.add(who)
    else this.#suspended.delete(who)
    const owner = opens[3] === undefined ? this.#owner(who) : this.#owner(opens[3])
    if (!this.#owners.has(who)) this.#owners.set(who, opens[3] ?? who)
    this.#tell({ kind: 'set-holder', holder, owner, isIssuer: this.#issuers.has(who), isSuspended: this.#suspended.has(who) }, isLate)
  }

  #told (outputs: readonly LedgerOutput[]): string {
    const texts: string[] = []
    for (const output of outputs) {
      if (output.kind === 'journal-entry') {
        this.#entries.push(output)
        for (const { lotId, change } of output.lots) if (change === 'opened') this.#lots.push({ holder: output.holder, lotId })
      }
      const text = this.#telling(output)
      if (text !== null) texts.push(text)
    }
    return briefly(texts).join(', ')
  }

  #telling (output: LedgerOutput): string | null {
    if (output.kind === 'command-outcome') {
      if (output.holder === 0) return output.refusal
      if (output.refusal !== null) return `refused ${output.refusal}`
      if (output.orderId !== 0) return `as ${this.#nameOf(output.orderId)}`
      return output.count === 0 ? 'done' : `done ${output.count}`
    }
    if (output.kind === 'authorization-state') return authorizationText(output)
    if (output.kind === 'unbilled-usage') return unbilledText(output)
    if (output.kind === 'journal-entry') return entryText(output, this.#names.name(output.holder))
    if (output.kind !== 'order-state') return null
    const { orderId, cause, refusal, status, closureReason, filledQuantity } = output
    const said = refusal !== null && status !== 'refused' ? [`${cause} refused`, refusal] : [status, refusal, closureReason]
    return [this.#nameOf(orderId), ...said.filter(word => word !== null), ...filledQuantity > 0 ? [filledQuantity] : []].join(' ')
  }

  #nameOf (orderId: OrderId): string {
    return [...this.#orders].findLast(([, order]) => order.orderId === orderId)?.[0] ?? 'purchase'
  }

  #stateOf (holder: HolderId) {
    return this.#world.ledgers[partitionOfHolder(holder, 2)]!
  }

  #order (name: string): string {
    const request = this.#requests.find(name)
    if (request !== undefined) return requestText(this.#stateOf(request.holder), request.holder, name)
    const order = this.#orders.get(name)
    const view = order === undefined ? undefined : orderView(this.#stateOf(order.holder), order.orderId)
    return view === undefined ? 'forgotten' : orderText(view)
  }
}
