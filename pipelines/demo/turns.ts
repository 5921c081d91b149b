// Whose turn it is: in proportion to how often each wants to act, whatever the rate at which turns are taken.

import type { Instrument } from '../../schemas/instruments.ts'
import { between, oneOf, type Chance } from './chance.ts'
import type { HabitName, Person } from './people.ts'

export type Seat = {
  readonly person: Person
  /** One of them is looked at in a turn. */
  readonly instruments: readonly Instrument[]
}

export type Turn = { readonly person: Person, readonly instrument: Instrument }

/** From one turn to the next, in milliseconds at about the usual rate. Who quotes does so for each instrument. */
const paceMs: Readonly<Record<HabitName, number>> = {
  supplier: 8000, maker: 8000, impatient: 2500, patient: 3000, reseller: 2500, sibling: 4000
}

const quotes = (habit: HabitName): boolean => habit === 'supplier' || habit === 'maker'

/** Who quotes is expected to do so all the time, in every instrument of theirs. */
export const quotingSeats = (people: readonly Person[]): Seat[] => people.filter(({ habit }) => quotes(habit))
  .flatMap(person => person.trades.map(instrument => ({ person, instruments: [instrument] })))

export const otherSeats = (people: readonly Person[]): Seat[] => people.filter(({ habit }) => !quotes(habit))
  .map(person => ({ person, instruments: person.trades }))

export class Turns {
  readonly #seats: { readonly seat: Seat, due: number }[]
  readonly #chance: Chance

  constructor (seats: readonly Seat[], chance: Chance) {
    this.#chance = chance
    this.#seats = seats.map(seat => ({ seat, due: chance() * paceMs[seat.person.habit] }))
  }

  /** The next one that is free; undefined while all are busy. Time here is turns taken, not a clock. */
  next (isFree: (person: Person) => boolean): Turn | undefined {
    let first: { readonly seat: Seat, due: number } | undefined
    for (const candidate of this.#seats) {
      if ((first === undefined || candidate.due < first.due) && isFree(candidate.seat.person)) first = candidate
    }
    if (first === undefined) return undefined
    const { person, instruments } = first.seat
    const pace = paceMs[person.habit]
    first.due += between(this.#chance, pace / 2, pace * 3 / 2)
    return { person, instrument: oneOf(this.#chance, instruments) }
  }
}
