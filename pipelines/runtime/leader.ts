// A leader: a replica that emits. The order of these steps is the guarantee; each says what a crash after it costs.
//
//   1 apply   the batch to the state (replica.ts)   nothing: replay from the committed offset
//   2 send    what it emitted, acks = all           it is sent again, same origin, and dropped by its readers
//   3 commit  the input offset                      nothing
//
// Applying goes on while sending; sends and commits each go one at a time.

import type { Log, Outgoing, Ownership } from './log.ts'
import { writeOrigin } from './origin.ts'
import type { Replica } from './replica.ts'
import type { Output } from './machine.ts'
import type { Named } from './stage.ts'

export type LeaderOptions = {
  readonly log: Log
  readonly group: string
  readonly ownership: Ownership
  /** Whether this process still has the partition in the generation it was given it in. */
  readonly isCurrent: () => boolean
  readonly report: (event: LeaderEvent) => void
  /** How many outputs go into one send, at most. */
  readonly outputsASend?: number
}

export type LeaderEvent =
  | { readonly kind: 'leading', readonly from: number }
  | { readonly kind: 'send-failed', readonly error: unknown }
  | { readonly kind: 'commit-failed', readonly error: unknown }
  | { readonly kind: 'snapshot', readonly offset: number }
  | { readonly kind: 'snapshot-failed', readonly error: unknown }

const outputsASendDefault = 5000
const retryMs = 100

export class Leader<State, In extends Named, Out extends Named> {
  readonly #replica: Replica<State, In, Out>
  readonly #options: LeaderOptions
  #committing = false
  #publishing = false
  /** The number of the first output that has not been acknowledged, counted as `replica.pruned` counts. */
  #sent = 0
  #committed = 0

  constructor (replica: Replica<State, In, Out>, options: LeaderOptions) {
    this.#replica = replica
    this.#options = options
  }

  /** Leads until it is no longer current. Throws what stops the process. */
  async run (): Promise<void> {
    const { isCurrent, report, log } = this.#options
    const replica = this.#replica
    replica.captures = true
    while (isCurrent()) {
      try {
        if (!await this.#position()) return
        report({ kind: 'leading', from: this.#committed })
        await this.#pump()
      } catch (error) {
        if (!(error instanceof SendFailed)) throw error
        report({ kind: 'send-failed', error: error.cause })
        await log.sleep(retryMs)
      }
    }
    replica.captures = false
    replica.captured = []
  }

  // Emits from what is committed, read after the partition was given to us. The tail reaches that far back: all that
  // a replica has let go of was committed, or lay below a snapshot, which is published only once it was.
  async #position (): Promise<boolean> {
    const { log, group, isCurrent } = this.#options
    const replica = this.#replica
    const { topic, partition } = replica.options
    const committed = (await log.committed(group, topic)).get(partition) ?? 0
    if (!isCurrent()) return false
    replica.prune(committed)
    this.#sent = replica.pruned
    this.#committed = replica.tailFrom
    return true
  }

  async #pump (): Promise<void> {
    const { isCurrent, outputsASend = outputsASendDefault } = this.#options
    const replica = this.#replica
    while (isCurrent()) {
      const first = this.#first()
      const outputs = replica.tail.slice(first, first + outputsASend)
      if (outputs.length > 0) {
        const before = replica.pruned + first
        await this.#send(outputs)
        if (!isCurrent()) return
        this.#sent = Math.max(this.#sent, before + outputs.length)
      }
      this.#commit()
      this.#publish()
      // Woken by the next batch, by a commit that has ended, and when the assignment changes.
      if (outputs.length === 0) await replica.applied()
    }
  }

  async #send (outputs: readonly Output[]): Promise<void> {
    const { machine: { source }, options: { brokerName } } = this.#replica
    const records = outputs.map(output => outgoing(output, source, brokerName))
    // R4: one send at a time, and its acknowledgement before anything else. After a rejection the outcome is unknown.
    try {
      await this.#options.log.send(records)
    } catch (cause) {
      throw new SendFailed('a send was rejected', { cause })
    }
  }

  /** Everything that records below this offset emitted has been acknowledged: no more may be committed (R3). */
  #reached (): number {
    const { tail, machine } = this.#replica
    return Math.max(this.#committed, tail[this.#first()]?.offset ?? machine.next)
  }

  // Where in the tail the first unacknowledged output stands. A commit of before a rejection may let go of more than
  // has been sent again.
  #first (): number {
    return Math.max(0, this.#sent - this.#replica.pruned)
  }

  #commit (): void {
    const { ownership, isCurrent, report, log } = this.#options
    const offset = this.#reached()
    if (this.#committing || offset <= this.#committed) return
    this.#committing = true
    const { partition } = this.#replica.options
    ownership.commit(partition, offset).then(() => {
      if (!isCurrent()) return
      this.#committed = Math.max(this.#committed, offset)
      this.#replica.prune(offset)
    }, (error: unknown) => {
      report({ kind: 'commit-failed', error })
      return log.sleep(retryMs)
    }).finally(() => {
      this.#committing = false
      this.#replica.wake()
    })
  }

  #publish (): void {
    const { isCurrent, report } = this.#options
    const { captured } = this.#replica
    let ready
    while (captured[0] !== undefined && captured[0].frame.next <= this.#committed) ready = captured.shift() // R6
    if (ready === undefined || this.#publishing) return
    this.#publishing = true
    const offset = ready.frame.next
    this.#replica.options.snapshots.publish(ready, isCurrent)
      .then(() => { report({ kind: 'snapshot', offset }) }, (error: unknown) => { report({ kind: 'snapshot-failed', error }) })
      .finally(() => { this.#publishing = false })
  }
}

class SendFailed extends Error {}

function outgoing (output: Output, source: string, brokerName: (topic: string) => string): Outgoing {
  const { partition, key, value, binding, offset, index, sequence, at } = output
  const headers = { origin: writeOrigin({ source, offset, index, sequence }) }
  return { topic: brokerName(output.topic), partition, key, value: binding.encode(value), headers, timestamp: at }
}
