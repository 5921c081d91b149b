// What became of the commands on one partition of the ledger, as its replica here sees them go by: of those that this
// gateway sent, to answer who waits, and of all others for as long as their requests can be repeated, so that a repeat
// gets the first answer on any gateway.
//
//   sent but not seen      waits for its record; stage time past its validity says that it will never count
//   seen, still open       matching has the word; waits for the order's next state of its sort
//   decided                answers repeats, until no request can be repeated any more
//
// Everything here happens in the log's time. Deadlines are their owner's.

import type { Fate } from '../../pipelines/runtime/machine.ts'
import type { LogRecord } from '../../pipelines/runtime/log.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { readCommandTag, type CommandTag } from '../../pipelines/runtime/command.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { OrderState } from '../../schemas/ledger/records.ts'
import type { Instant, OrderId } from '../../schemas/units.ts'
import type { Answer, LogPosition, OrderView } from '../ports.ts'
import { firstAnswer, firstVerdict, laterAnswer, type Verdict, type Wanted } from './ledger-verdict.ts'

/** What the replica's state says of orders, as of where it stands. */
export type Answers = {
  readonly position: LogPosition
  /** Stage time. */
  readonly now: Instant
  /** Null while the order has not been answered. */
  firstAnswer (orderId: OrderId): OrderView | null
  orderByCommand (commandId: string): OrderId | null
}

export type Seen = {
  readonly fate: Fate
  readonly record: LogRecord
  readonly outputs: readonly Named[]
  readonly answers: Answers
}

export type Told = (answer: Answer) => void

type Command = { readonly command: LedgerCommand, readonly tag: CommandTag }

type Entry = {
  readonly id: string
  readonly command: LedgerCommand
  readonly validUntil: Instant
  answer: Answer | null
  open: { readonly orderId: OrderId, readonly wanted: Wanted } | null
  forgetAt: number
  readonly waiters: Set<Told>
}

/** A signature is good for 30 s on either side of its time; beside them what clocks may differ by. */
const rememberMs = 65_000
/** Past it the oldest are forgotten, and a repeat of one is answered by what the ledger remembers itself. */
const rememberedMax = 25_000

export class Outcomes {
  readonly #decode: (value: Buffer | null) => LedgerCommand | null
  readonly #sent = new Map<string, Entry>()
  /** In the order in which they will be forgotten. */
  readonly #seen = new Map<string, Entry>()
  readonly #byOrder = new Map<OrderId, Set<Entry>>()

  constructor (decode: (value: Buffer | null) => LedgerCommand | null) {
    this.#decode = decode
  }

  get size (): number {
    return this.#sent.size + this.#seen.size
  }

  /** `told` hears the answer, perhaps at once. False: the log has not got the command, as far as is known: send it. */
  ask ({ command, tag: { id, validUntil } }: Command, told: Told, answers: Answers): boolean {
    const known = this.#seen.get(id) ?? this.#sent.get(id)
    if (known !== undefined) {
      if (known.answer === null) known.waiters.add(told)
      else told(known.answer)
      return true
    }
    const entry: Entry = { id, command, validUntil, answer: null, open: null, forgetAt: 0, waiters: new Set([told]) }
    const orderId = command.kind === 'submit-order' ? answers.orderByCommand(id) : null
    if (orderId === null) {
      this.#sent.set(id, entry)
      return false
    }
    this.#remember(entry, answers.now)
    this.#take(entry, { kind: 'repeat', orderId }, answers)
    return true
  }

  /** Whoever asked waits no longer. Returns the order that the command is about, as far as it is known. */
  leave (id: string, told: Told): OrderId | null {
    const entry = this.#sent.get(id) ?? this.#seen.get(id)
    if (entry === undefined) return null
    entry.waiters.delete(told)
    if (entry.waiters.size === 0) this.#sent.delete(id)
    return entry.open?.orderId ?? ('orderId' in entry.command ? entry.command.orderId : null)
  }

  /** A record that the replica has just applied. */
  see (seen: Seen): void {
    // First who waits for what an earlier record began: a command's own record only begins it.
    for (const output of seen.outputs) {
      if (output.kind === 'order-state') this.#hear(output as OrderState, seen.answers.position)
    }
    const { command, origin } = seen.record.headers
    if (command !== undefined && origin === undefined) this.#seeCommand(seen, readCommandTag(command))
    if (seen.fate === 'clock') this.#pass(seen.answers.now)
  }

  /** Nobody will see what comes; whoever waits is told that nothing is known. */
  close (): void {
    for (const entry of [...this.#sent.values(), ...this.#seen.values()]) {
      for (const told of entry.waiters) told({ kind: 'unknown', orderId: entry.open?.orderId ?? null })
      entry.waiters.clear()
    }
  }

  #seeCommand (seen: Seen, tag: CommandTag | null): void {
    const { fate, record, outputs, answers } = seen
    if (tag === null || this.#seen.has(tag.id)) return
    const sent = this.#sent.get(tag.id)
    const isApplied = fate === 'applied'
    // Of usage: nobody asks here, and there are far more of them than of all others.
    if (sent === undefined && isApplied && outputs[0]?.kind === 'authorization-state') return
    const command = sent?.command ?? (isApplied ? this.#decode(record.value) : null)
    if (command === null) return
    const entry = sent ?? { ...tag, command, answer: null, open: null, forgetAt: 0, waiters: new Set() }
    this.#sent.delete(tag.id)
    this.#remember(entry, answers.now)
    if (isApplied) this.#take(entry, firstVerdict(command, { outputs, position: answers.position }), answers)
    else if (fate === 'duplicate') this.#take(entry, repeatOf(entry, answers), answers)
    else this.#settle(entry, { kind: 'not_accepted' }) // Set aside: the ledger never got it.
  }

  #remember (entry: Entry, now: Instant): void {
    entry.forgetAt = now + rememberMs
    this.#seen.set(entry.id, entry)
    if (this.#seen.size > rememberedMax) this.#forget(this.#seen.values().next().value!)
  }

  #take (entry: Entry, verdict: Verdict, answers: Answers): void {
    if (verdict.kind === 'decided') {
      this.#settle(entry, verdict.answer)
      return
    }
    if (verdict.kind === 'repeat') {
      const order = answers.firstAnswer(verdict.orderId)
      if (order !== null) this.#settle(entry, firstAnswer(order, answers.position))
      else this.#open(entry, { orderId: verdict.orderId, wanted: 'first' })
      return
    }
    this.#open(entry, verdict)
  }

  #open (entry: Entry, { orderId, wanted }: { readonly orderId: OrderId, readonly wanted: Wanted }): void {
    entry.open = { orderId, wanted }
    const open = this.#byOrder.get(orderId)
    if (open === undefined) this.#byOrder.set(orderId, new Set([entry]))
    else open.add(entry)
  }

  #hear (state: OrderState, position: LogPosition): void {
    for (const entry of this.#byOrder.get(state.orderId) ?? []) {
      const answer = laterAnswer(state, entry.open!.wanted, position)
      if (answer !== null) this.#settle(entry, answer)
    }
  }

  #settle (entry: Entry, answer: Answer): void {
    this.#close(entry)
    entry.answer = answer
    // The ledger itself remembers by its command what an order was first answered.
    if (entry.command.kind === 'submit-order' && answer.kind === 'order') this.#seen.delete(entry.id)
    for (const told of entry.waiters) told(answer)
    entry.waiters.clear()
  }

  #close (entry: Entry): void {
    if (entry.open === null) return
    const open = this.#byOrder.get(entry.open.orderId)
    open?.delete(entry)
    if (open?.size === 0) this.#byOrder.delete(entry.open.orderId)
  }

  #pass (now: Instant): void {
    for (const entry of this.#sent.values()) {
      if (entry.validUntil >= now) continue
      this.#sent.delete(entry.id)
      this.#settle(entry, { kind: 'not_accepted' })
    }
    for (const entry of this.#seen.values()) {
      if (entry.forgetAt > now) break
      this.#forget(entry)
    }
  }

  // Whoever still waits for it gets the answer from its deadline.
  #forget (entry: Entry): void {
    this.#close(entry)
    this.#seen.delete(entry.id)
  }
}

/** The stage has seen it before this gateway did: what it made of it is known of orders only. */
function repeatOf ({ id, command }: Entry, answers: Answers): Verdict {
  const orderId = command.kind === 'submit-order' ? answers.orderByCommand(id) : null
  if (orderId !== null) return { kind: 'repeat', orderId }
  return { kind: 'decided', answer: { kind: 'unknown', orderId: 'orderId' in command ? command.orderId : null } }
}
