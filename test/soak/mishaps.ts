// What is done to a market, in three lanes that know nothing of each other: to matching, to the sinks, to the servers.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from '../../docker/local/part.ts'
import type { Supervisor } from '../../pipelines/supervisor/supervisor.ts'
import type { Advance } from './advance.ts'
import type { Gate } from './gate.ts'
import type { Leadership } from './leadership.ts'
import type { Plan, ServerMishap } from './plan.ts'

const lookMs = 100
/** What was committed before the kill is known by then. */
const settleMs = 300
const patienceMs = 20_000

/** By the clock of this process. */
export type Span = { readonly from: number, readonly to: number }

export type Recovery = Span & {
  readonly of: 'matching' | 'sinks'
  readonly at: number
  /** From the kill until another process has the partitions. */
  readonly ownedMs: number
  /** Until it is live: for matching a new leader, for the sinks a new owner. */
  readonly liveMs: number
  /** Until the process that was killed is there again. */
  readonly againMs: number
}

type Seen = {
  /** Messages matched, before and after. */
  readonly matched: readonly [number, number]
  /** Sinks that said that they wait, where ClickHouse was away. */
  readonly waiting: readonly string[]
}

export type Interruption = Span & Seen & { readonly mishap: ServerMishap, readonly at: number }

export type Servers = {
  readonly kafka?: Part | undefined
  readonly clickHouse: Part
}

export type Market = {
  readonly supervisor: Supervisor
  readonly servers: Servers
  readonly leadership: Leadership
  readonly advance: Advance
  readonly gate: Gate
  readonly awayMs: number
  /** The sinks that say that they wait. */
  readonly waiting: () => Promise<string[]>
  readonly sendGarbage: () => Promise<void>
  readonly say: (line: string) => void
}

export class Mishaps {
  readonly recoveries: Recovery[] = []
  readonly interruptions: Interruption[] = []
  readonly #market: Market
  readonly #plan: Plan

  constructor (market: Market, plan: Plan) {
    this.#market = market
    this.#plan = plan
  }

  /** Resolves once all of the plan has happened and everything is live again. */
  async run (): Promise<void> {
    await Promise.all([this.#toMatching(), this.#toSinks(), this.#toServers()])
  }

  async #toMatching (): Promise<void> {
    const { supervisor, leadership, advance, gate } = this.#market
    const moments = this.#plan.matching.map(at => ({ at, begins: gate.expect(at) }))
    for (const { at, begins } of moments) {
      await advance.until('matched', at)
      const dead = await leadership.leader()
      const from = performance.now()
      // A client id is the process's name and a random part.
      const killing = supervisor.kill(dead.slice(0, dead.lastIndexOf('-')))
      begins()
      const ownedAt = await leadership.restored(dead)
      const to = performance.now()
      const ownedMs = ownedAt - from
      this.#recovered({ of: 'matching', at, from, to, ownedMs, liveMs: to - from, againMs: await killing })
    }
  }

  // Not gated: while the sinks are dead nothing is stored, so the next moment can't be missed.
  async #toSinks (): Promise<void> {
    const { supervisor, advance } = this.#market
    for (const at of this.#plan.sinks) {
      await advance.until('stored', at)
      const from = performance.now()
      const ms = await supervisor.kill('sinks')
      this.#recovered({ of: 'sinks', at, from, to: performance.now(), ownedMs: ms, liveMs: ms, againMs: ms })
    }
  }

  #recovered (recovery: Recovery): void {
    this.recoveries.push(recovery)
    const { of, at, ownedMs, liveMs, againMs } = recovery
    const [owned, live, again] = [ownedMs, liveMs, againMs].map(ms => `${ms.toFixed(0)} ms`)
    this.#market.say(`${of} killed at message ${at}: owned after ${owned}, live after ${live}, all again after ${again}`)
  }

  async #toServers (): Promise<void> {
    const { advance, gate, say } = this.#market
    const moments = this.#plan.servers.map(({ at, mishap }) => ({ at, mishap, begins: gate.expect(at) }))
    for (const { at, mishap, begins } of moments) {
      await advance.until('matched', at)
      const from = performance.now()
      const striking = this.#strike(mishap)
      begins()
      const { matched, waiting } = await striking
      const to = performance.now()
      this.interruptions.push({ mishap, at, from, to, matched, waiting })
      say(`${mishap} at message ${at}: ${(to - from).toFixed(0)} ms, ${matched[1] - matched[0]} messages matched meanwhile`)
    }
  }

  async #strike (mishap: ServerMishap): Promise<Seen> {
    const { servers, sendGarbage, advance } = this.#market
    const before = advance.matched
    switch (mishap) {
      case 'garbage': await sendGarbage(); break
      case 'restart Kafka': await servers.kafka?.restart(); break
      case 'restart ClickHouse': await servers.clickHouse.restart(); break
      case 'ClickHouse away': return await this.#whileAway()
    }
    return { matched: [before, advance.matched], waiting: [] }
  }

  // It is away for as long as was asked for, and until both have been seen: sinks that wait, and matching that goes on.
  async #whileAway (): Promise<Seen> {
    const { servers: { clickHouse }, awayMs, advance } = this.#market
    await clickHouse.kill()
    await sleep(settleMs)
    const began = performance.now()
    const before = advance.matched
    const waiting = new Set<string>()
    const hasSeen = (): boolean => waiting.size > 0 && advance.matched > before
    for (let ms = 0; ms < awayMs || (!hasSeen() && ms < awayMs + patienceMs); ms = performance.now() - began) {
      for (const sink of await this.#market.waiting()) waiting.add(sink)
      await sleep(lookMs)
    }
    const matched = [before, advance.matched] as const
    await clickHouse.restart()
    return { matched, waiting: [...waiting].sort() }
  }
}
