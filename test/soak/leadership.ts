// Who leads a partition of matching, as the group says it, and when somebody does again after a kill.

import { setTimeout as sleep } from 'node:timers/promises'
import { AssignerProtocol, type Admin } from 'kafkajs'
import type { Context } from '../../pipelines/process/context.ts'
import type { Standings } from '../../pipelines/replay/standings.ts'
import { topics } from '../../schemas/topics.ts'

const { MemberAssignment } = AssignerProtocol
const lookMs = 15

export class Leadership {
  readonly #admin: Admin
  readonly #group: string
  readonly #topic: string
  readonly #partition: number
  readonly #standings: Standings
  readonly #signal: AbortSignal

  constructor (context: Context, of: { partition: number, standings: Standings, signal: AbortSignal }) {
    this.#admin = context.kafka.admin()
    this.#group = context.group('matching')
    this.#topic = context.topic(topics.orders.name)
    this.#partition = of.partition
    this.#standings = of.standings
    this.#signal = of.signal
  }

  open (): Promise<void> {
    return this.#admin.connect()
  }

  close (): Promise<void> {
    return this.#admin.disconnect()
  }

  /** The client id of the member that has the partition; waits while there is none. */
  async leader (except?: string): Promise<string> {
    for (;;) {
      this.#signal.throwIfAborted()
      const found = await this.#ask()
      if (found !== undefined && found !== except) return found
      await sleep(lookMs)
    }
  }

  async #ask (): Promise<string | undefined> {
    try {
      const { groups } = await this.#admin.describeGroups([this.#group])
      if (groups[0]?.state !== 'Stable') return undefined
      return groups[0].members.find(({ memberAssignment }) => {
        const assigned = MemberAssignment.decode(memberAssignment)?.assignment[this.#topic] ?? []
        return assigned.includes(this.#partition)
      })?.clientId
    } catch {
      return undefined // Brokers that are away have no answer yet.
    }
  }

  /**
   * Resolves once another member than the dead one has the partition and its commits move, or all is done; with the
   * time at which it had the partition.
   */
  async restored (dead: string): Promise<number> {
    await this.leader(dead)
    const ownedAt = performance.now()
    const before = await this.#standings.matched()
    for (;;) {
      this.#signal.throwIfAborted()
      const { reached, end } = await this.#standings.matched()
      if (reached > before.reached || reached >= end) return ownedAt
      await sleep(lookMs)
    }
  }
}
