// One partition of a stage in a made-up market: its log, a machine that leads it, and what goes wrong with leaders. The
// machine is the product's; a crash restores it from a snapshot at or below what is committed, and what it had emitted
// since comes again. A leader that was thought dead may go on sending for a while.

import { Codec, type AcceptedSchema } from '../../../schemas/codec.ts'
import { schemaSet } from '../../../schemas/schema-set.ts'
import { topicOf } from '../../../schemas/topics.ts'
import type { Instant } from '../../../schemas/units.ts'
import { activateVersionHeader, writeActivateVersion } from '../../../pipelines/runtime/control.ts'
import type { Headers, LogRecord } from '../../../pipelines/runtime/log.ts'
import {
  Machine, type Binder, type Frame, type MachineOptions, type Output
} from '../../../pipelines/runtime/machine.ts'
import { writeOrigin } from '../../../pipelines/runtime/origin.ts'
import type { Named, Stage } from '../../../pipelines/runtime/stage.ts'

const codec = new Codec()
const listing: AcceptedSchema[] = schemaSet.map(({ name, fingerprint }, id) => ({ name, fingerprint, id }))
const current = codec.bind(listing)

export const binder: Binder = {
  bind: accepted => codec.bind(accepted),
  unknown: () => [],
  current
}

export const encode = (value: Named): Buffer => current.encode(value)

/** Where an output goes, and in which order: a partition of a topic. */
export type Target = string
export const targetOf = ({ topic, partition }: { topic: string, partition: number }): Target => `${topic} ${partition}`

export type Sent = {
  readonly topic: string
  readonly partition: number
  readonly value: Buffer
  readonly headers: Headers
  readonly named: Named
}

type Snapshot = { readonly frame: Frame, readonly bytes: Uint8Array }
type AnyStage<State> = Stage<State, Named, Named>

export class Station<State> {
  readonly stage: AnyStage<State>
  readonly partition: number
  readonly log: LogRecord[] = []
  machine: Machine<State, Named, Named>
  #outboxes = new Map<Target, Output[]>()
  /** Of leaders that were thought dead. */
  #ghosts: Map<Target, Output[]>[] = []
  #committed = 0
  #captured: Snapshot[] = []
  #snapshot: Snapshot | undefined
  crashes = 0

  constructor (stage: AnyStage<State>, partition: number, at: Instant) {
    this.stage = stage
    this.partition = partition
    this.machine = new Machine(this.options())
    const value = writeActivateVersion({ kind: 'activate-version', version: stage.version, schemas: listing }, 0)
    this.append(value, { control: activateVersionHeader }, at)
  }

  options (): MachineOptions<State, Named, Named> {
    const { stage, partition } = this
    const carries = topicOf(stage.reads).records
    const deadLetters = () => ({ topic: 'dead-letters', partition: 0 })
    return { stage, topic: stage.reads, partition, binder, carries, deadLetters }
  }

  append (value: Buffer, headers: Headers, timestamp: Instant): number {
    return this.log.push({ offset: this.log.length, timestamp, key: null, value, headers }) - 1
  }

  get isBehind (): boolean {
    return this.machine.next < this.log.length
  }

  /** Applies the next record; what it emits waits to be sent. */
  step (): void {
    const outputs: Output[] = []
    this.machine.apply(this.log[this.machine.next]!, outputs)
    for (const output of outputs) {
      const target = targetOf(output)
      const box = this.#outboxes.get(target)
      if (box === undefined) this.#outboxes.set(target, [output])
      else box.push(output)
    }
  }

  /** Targets to which something waits to be sent, by this leader or by one of before. */
  waiting (): Target[] {
    const waiting = new Set<Target>()
    for (const boxes of [this.#outboxes, ...this.#ghosts]) {
      for (const [target, box] of boxes) if (box.length > 0) waiting.add(target)
    }
    return [...waiting]
  }

  /** Takes at most `most` outputs for a target, in their order, from one of its leaders. */
  take (target: Target, most: number, pick: (below: number) => number): Sent[] {
    const boxes = [this.#outboxes, ...this.#ghosts].map(each => each.get(target) ?? []).filter(box => box.length > 0)
    const box = boxes[pick(boxes.length)] ?? []
    const { source } = this.machine
    const sent = box.splice(0, most).map(({ topic, partition, value, binding, offset, index, sequence }) => {
      const headers = { origin: writeOrigin({ source, offset, index, sequence }) }
      return { topic, partition, value: binding.encode(value), named: value, headers }
    })
    this.#commit()
    return sent
  }

  // What is committed has been sent whole.
  #commit (): void {
    const unsent = [...this.#outboxes.values()].flatMap(box => box.slice(0, 1).map(({ offset }) => offset))
    this.#committed = Math.max(this.#committed, Math.min(this.machine.next, ...unsent))
    const isCommitted = (snapshot?: Snapshot): boolean =>
      snapshot !== undefined && snapshot.frame.next <= this.#committed
    while (isCommitted(this.#captured[0])) this.#snapshot = this.#captured.shift()
  }

  capture (): void {
    this.#captured.push({ frame: this.machine.frame(), bytes: this.stage.snapshot(this.machine.state) })
  }

  /** Another process leads, from the newest snapshot; the one of before may not know it yet. */
  crash (leavesGhost: boolean): void {
    this.crashes++
    this.#ghosts = leavesGhost ? [this.#outboxes] : []
    this.#outboxes = new Map()
    this.#captured = []
    const snapshot = this.#snapshot
    const state = snapshot === undefined ? undefined : this.stage.restore(snapshot.bytes)
    this.machine = new Machine(this.options(), snapshot?.frame, state)
    while (this.machine.next < this.#committed) this.machine.apply(this.log[this.machine.next]!, [])
  }

  endGhosts (): void {
    this.#ghosts = []
  }
}
