// `RequestsPort`: commands of requests to the ledger's log, and what this gateway's replica says became of them. Nobody
// waits for a send: what the replica has applied is the answer, and a deadline is its owner's.

import type { Ledger } from '../../pipelines/ledger/ledger.ts'
import { isEasy, tokenView } from '../../pipelines/ledger/usage/token-view.ts'
import { recorderOf, requestView } from '../../pipelines/ledger/usage/views.ts'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { Log } from '../../pipelines/runtime/log.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { AuthorizeUsage } from '../../schemas/ledger/usage-commands.ts'
import type { AuthorizationState } from '../../schemas/ledger/usage-records.ts'
import { instant, partitionOfHolder, tokens, type HolderId, type Instant, type InstrumentId } from '../../schemas/units.ts'
import type { RequestsPort } from '../consumption/ports.ts'

type Replica = { readonly state: Ledger, readonly next: number, readonly now: Instant }

export type UsageRequestsOptions = {
  readonly log: Pick<Log, 'send'>
  /** The ledger's topic on the broker. */
  readonly topic: string
  readonly partitions: number
  readonly encode: (command: LedgerCommand) => Buffer
  readonly replica: (partition: number) => Replica | undefined
  readonly now: () => Instant
  /** Names this process, so that no two draw the same id. */
  readonly writer: string
  readonly rejected: (error: unknown) => void
}

/** In the order in which they were asked for. */
type Unapplied = { readonly place: string, readonly need: number, readonly at: Instant }

type Told = (state: AuthorizationState) => void

/** What a command has to reach the ledger: past it nobody waits for it any more. */
const validMs = 10_000
/** Older than this a replica's view is none. */
const behindMsMax = 5_000
/** Refusals are kept for so long, by the ledger's time, and no more than so many of them. */
const refusedMs = 60_000
const refusedMax = 20_000

export class UsageRequests implements RequestsPort {
  readonly #options: UsageRequestsOptions
  readonly #watchers = new Map<string, Set<Told>>()
  /** Tokens asked for here that the replica has not applied, by holder and instrument, and by request. */
  readonly #asked = new Map<string, number>()
  readonly #unapplied = new Map<string, Unapplied>()
  readonly #heard: ((value: AuthorizationState | JournalEntry) => void)[] = []
  /** In the order in which they came. */
  readonly #refused = new Map<string, AuthorizationState>()
  #count = 0

  constructor (options: UsageRequestsOptions) {
    this.#options = options
  }

  /** Hears everything that the ledger says of anybody's requests. */
  onHeard (heard: (value: AuthorizationState | JournalEntry) => void): void {
    this.#heard.push(heard)
  }

  /** What a record that the replica has applied made the ledger say. */
  see (outputs: readonly Named[]): void {
    for (const output of outputs) {
      if (output.kind === 'authorization-state') this.#hear(output as AuthorizationState)
      else if (output.kind === 'journal-entry' && (output as JournalEntry).usage !== null) this.#tell(output as JournalEntry)
    }
  }

  isReady (holder: HolderId): boolean {
    return this.#ready(holder) !== undefined
  }

  send (holder: HolderId, commands: readonly LedgerCommand[]): void {
    const { log, topic, partitions, encode, now, rejected } = this.#options
    const at = now()
    const validUntil = instant(at + validMs)
    const partition = partitionOfHolder(holder, partitions)
    const records = commands.map(command => {
      if (command.kind === 'authorize-usage') this.#ask(command)
      const headers = { command: writeCommandTag({ id: this.#nextId(), validUntil }) }
      return { topic, partition, key: String(holder), value: encode(command), headers, timestamp: at }
    })
    log.send(records).catch(rejected)
  }

  watch (_holder: HolderId, requestId: string, told: Told): () => void {
    const watchers = this.#watchers.get(requestId)
    if (watchers === undefined) this.#watchers.set(requestId, new Set([told]))
    else watchers.add(told)
    return () => {
      const now = this.#watchers.get(requestId)
      now?.delete(told)
      if (now?.size === 0) this.#watchers.delete(requestId)
    }
  }

  view (holder: HolderId, requestId: string) {
    const found = this.#ready(holder)
    return found === undefined ? undefined : requestView(found.state, holder, requestId)
  }

  recorder (holder: HolderId, requestId: string): string {
    const found = this.#ready(holder)
    return found === undefined ? '' : recorderOf(found.state, holder, requestId)
  }

  refused (requestId: string) {
    return this.#refused.get(requestId)
  }

  available (holder: HolderId, instrumentId: InstrumentId) {
    const found = this.#ready(holder)
    if (found === undefined) return tokens(0)
    this.#forget()
    const { available } = tokenView(found.state, holder, instrumentId)
    return tokens(Math.max(0, available - (this.#asked.get(`${holder} ${instrumentId}`) ?? 0)))
  }

  hasPurchase (holder: HolderId, instrumentId: InstrumentId): boolean {
    const found = this.#ready(holder)
    return found !== undefined && tokenView(found.state, holder, instrumentId).isBuying
  }

  isEasy (holder: HolderId): boolean {
    const found = this.#ready(holder)
    return found !== undefined && isEasy(found.state, holder)
  }

  #ready (holder: HolderId): Replica | undefined {
    const { replica, partitions, now } = this.#options
    const found = replica(partitionOfHolder(holder, partitions))
    return found === undefined || found.next === 0 || now() - found.now > behindMsMax ? undefined : found
  }

  #nextId (): string {
    return `${this.#options.writer}.${(this.#count++).toString(36)}`
  }

  #ask ({ holder, instrumentId, requestId, need }: AuthorizeUsage): void {
    const place = `${holder} ${instrumentId}`
    if (this.#unapplied.has(requestId)) return
    this.#unapplied.set(requestId, { place, need, at: this.#options.now() })
    this.#asked.set(place, (this.#asked.get(place) ?? 0) + need)
  }

  /** What the log did not take in time the replica will never say. */
  #forget (): void {
    const before = this.#options.now() - validMs - behindMsMax
    for (const [requestId, { at }] of this.#unapplied) {
      if (at > before) return
      this.#settle(requestId)
    }
  }

  /** The replica has it, or never will. */
  #settle (requestId: string): void {
    const asked = this.#unapplied.get(requestId)
    if (asked === undefined) return
    this.#unapplied.delete(requestId)
    const left = (this.#asked.get(asked.place) ?? 0) - asked.need
    if (left > 0) this.#asked.set(asked.place, left)
    else this.#asked.delete(asked.place)
  }

  #hear (state: AuthorizationState): void {
    this.#settle(state.requestId)
    if (state.refusal !== null && state.status === 'refused') this.#keepRefused(state)
    this.#tell(state)
    const watchers = this.#watchers.get(state.requestId)
    if (watchers === undefined) return
    for (const told of [...watchers]) told(state)
  }

  #keepRefused (state: AuthorizationState): void {
    if (state.cause !== 'authorize-usage' && state.cause !== 'market') return
    this.#refused.set(state.requestId, state)
    for (const [requestId, { at }] of this.#refused) {
      if (at > state.at - refusedMs && this.#refused.size <= refusedMax) return
      this.#refused.delete(requestId)
    }
  }

  #tell (value: AuthorizationState | JournalEntry): void {
    for (const heard of this.#heard) heard(value)
  }
}
