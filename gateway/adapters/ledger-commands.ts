// Commands on their way to the ledger: sent to the log, and answered once this gateway's replica has applied what
// decides them. A send that was rejected decides nothing: the record may be in the log all the same.

import type { Log, Outgoing } from '../../pipelines/runtime/log.ts'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { Undecodable } from '../../schemas/codec.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { HolderId, Instant } from '../../schemas/units.ts'
import type { TaggedCommand } from '../accounts.ts'
import { ApiError } from '../errors.ts'
import type { Answer } from '../ports.ts'
import { Outcomes, type Answers, type Seen, type Told } from './ledger-outcomes.ts'

export type LedgerCommandsOptions = {
  readonly log: Pick<Log, 'send'>
  /** The ledger's topic on the broker. */
  readonly topic: string
  readonly encode: (command: LedgerCommand) => Buffer
  /** Throws `Undecodable`. */
  readonly decode: (value: Buffer | null) => Named
  readonly now: () => Instant
  /** How long a caller waits. Its command stays valid for as long as its tag says. */
  readonly deadlineMs?: number
  /** A send was rejected: for the log of operators. */
  readonly rejected?: (error: unknown) => void
}

export type Asked = {
  readonly commands: readonly TaggedCommand[]
  readonly holder: HolderId
  readonly partition: number
  readonly answers: Answers
}

const deadlineMsDefault = 5000
/** Beyond so many who wait, the log or the replica is not keeping up, and another would wait in vain. */
const waitingMax = 20_000

export class LedgerCommands {
  readonly #options: LedgerCommandsOptions
  readonly #outcomes = new Map<number, Outcomes>()
  readonly #deadlineMs: number
  #waiting = 0
  #isClosed = false

  constructor (options: LedgerCommandsOptions) {
    this.#options = options
    this.#deadlineMs = options.deadlineMs ?? deadlineMsDefault
  }

  /** How many wait for an answer. */
  get waiting (): number {
    return this.#waiting
  }

  /** All in one send, in their order. */
  async submit (asked: Asked): Promise<readonly Answer[]> {
    if (this.#isClosed || this.#waiting + asked.commands.length > waitingMax) {
      const headers = { 'retry-after': '5' }
      throw new ApiError('unavailable', 'This gateway takes no commands at the moment; nothing happened.', { headers })
    }
    const due: Outgoing[] = []
    const answered = asked.commands.map((_, index) => this.#wait(asked, index, due))
    if (due.length > 0) this.#options.log.send(due).catch((error: unknown) => { this.#options.rejected?.(error) })
    return Promise.all(answered)
  }

  /** A record that the replica of a partition has applied. */
  see (partition: number, seen: Seen): void {
    this.#of(partition).see(seen)
  }

  /** Who waits is told that the outcome is unknown; nothing more is taken. */
  close (): void {
    this.#isClosed = true
    for (const outcomes of this.#outcomes.values()) outcomes.close()
  }

  #of (partition: number): Outcomes {
    let outcomes = this.#outcomes.get(partition)
    if (outcomes === undefined) this.#outcomes.set(partition, outcomes = new Outcomes(value => this.#decode(value)))
    return outcomes
  }

  #wait ({ commands, holder, partition, answers }: Asked, index: number, due: Outgoing[]): Promise<Answer> {
    const { command, tag } = commands[index]!
    const { topic, encode, now } = this.#options
    const outcomes = this.#of(partition)
    return new Promise(resolve => {
      const told: Told = answer => {
        clearTimeout(timer)
        this.#waiting--
        resolve(answer)
      }
      const timer = setTimeout(() => { told({ kind: 'unknown', orderId: outcomes.leave(tag.id, told) }) }, this.#deadlineMs)
      this.#waiting++
      if (outcomes.ask({ command, tag }, told, answers)) return
      const headers = { command: writeCommandTag(tag) }
      due.push({ topic, partition, key: String(holder), value: encode(command), headers, timestamp: now() })
    })
  }

  // What another release wrote, or another's garbage, answers nobody here.
  #decode (value: Buffer | null): LedgerCommand | null {
    try {
      return this.#options.decode(value) as LedgerCommand
    } catch (error) {
      if (error instanceof Undecodable) return null
      throw error
    }
  }
}
