// The demo's traffic: turns at an even rate, values that move meanwhile, switches that are kept wound up.

import type { Logger } from 'pino'
import type { FairValue } from './fair-value.ts'
import type { Person } from './people.ts'
import type { Participant } from './participant.ts'
import { quotingSeats, type Seat, type Turn, type Turns } from './turns.ts'

export type TrafficOptions = {
  readonly participants: readonly Participant[]
  readonly turns: Turns
  /** By the index of the instrument. */
  readonly values: ReadonlyMap<number, FairValue>
  readonly commandsASecond: number
  readonly logger: Logger
}

const beatMs = 125
const stepBeats = 2
const turnsAtOnce = 4
/** A turn that comes to nothing still costs what it took to look. */
const lookCost = 0.2
/** What was missed is not made up for, but for so much. */
const owedMsMax = 1000
/** Well within a dead-man switch's time, so that one renewal may fail. */
const aliveMs = 25_000

export class Traffic {
  readonly #options: TrafficOptions
  readonly #byPerson: ReadonlyMap<Person, Participant>
  readonly #busy = new Map<Person, Promise<void>>()
  #owed = 0
  #beats = 0
  #timers: NodeJS.Timeout[] = []

  constructor (options: TrafficOptions) {
    this.#options = options
    this.#byPerson = new Map(options.participants.map(each => [each.person, each]))
  }

  /** What an earlier run left is cancelled (D5), then comes every quote once, then turns at the even rate. */
  async start (): Promise<void> {
    await this.#cancelAll()
    await this.#stayAlive()
    const seats: Seat[] = quotingSeats(this.#options.participants.map(({ person }) => person))
    await Promise.all(seats.map(async ({ person, instruments: [instrument] }) => {
      // One at a time of a person's own, as ever.
      const turn = (this.#busy.get(person) ?? Promise.resolve())
        .then(() => this.#takeTurn({ person, instrument: instrument! }))
        .then(() => {})
      this.#busy.set(person, turn)
      await turn
    }))
    this.#busy.clear()
    this.#timers = [
      setInterval(() => { this.#beat() }, beatMs),
      setInterval(() => { this.#stayAlive().catch(() => {}) }, aliveMs)
    ]
  }

  #beat (): void {
    const { turns, values, commandsASecond } = this.#options
    if (++this.#beats % stepBeats === 0) for (const value of values.values()) value.step()
    this.#owed = Math.min(commandsASecond * owedMsMax / 1000, this.#owed + commandsASecond * beatMs / 1000)
    while (this.#owed > 0 && this.#busy.size < turnsAtOnce) {
      const turn = turns.next(person => !this.#busy.has(person))
      if (turn === undefined) return
      // Each is taken for one command until it is known how many it was.
      this.#owed -= 1
      this.#busy.set(turn.person, this.#takeTurn(turn)
        .then(commands => { this.#owed += 1 - Math.max(lookCost, commands) })
        .finally(() => { this.#busy.delete(turn.person) }))
    }
  }

  async #takeTurn ({ person, instrument }: Turn): Promise<number> {
    const fair = this.#options.values.get(instrument.index)!.value
    try {
      return await this.#byPerson.get(person)!.takeTurn(instrument, fair)
    } catch (error) {
      this.#options.logger.warn({ error: String(error), person: person.name }, 'a turn came to nothing')
      return 0
    }
  }

  async #stayAlive (): Promise<void> {
    await Promise.all(this.#quoting().map(each => each.stayAlive()))
  }

  #quoting (): Participant[] {
    return this.#options.participants.filter(({ person: { habit } }) => habit === 'supplier' || habit === 'maker')
  }

  /** Lets turns under way end, then takes every order out of the books. */
  async stop (): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#busy.values())
    const isClear = await this.#cancelAll()
    this.#options.logger.info(isClear ? 'every order of the demo is cancelled' : 'some orders end by themselves')
  }

  async #cancelAll (): Promise<boolean> {
    const cancelled = await Promise.all(this.#options.participants.map(each => each.cancelAll()))
    return cancelled.every(Boolean)
  }
}
