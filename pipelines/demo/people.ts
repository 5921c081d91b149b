// Who there is. Their ids are stable, in a range of their own, so that every start finds the same accounts.

import { instruments, type Instrument } from '../../schemas/instruments.ts'
import type { UserRole } from '../../schemas/identity/records.ts'
import { holderId, ownerId, type HolderId, type OwnerId } from '../../schemas/units.ts'

export const habitName = ['supplier', 'maker', 'impatient', 'patient', 'reseller', 'sibling'] as const
export type HabitName = typeof habitName[number]

export type Person = {
  readonly userId: HolderId
  readonly owner: OwnerId
  /** Whose sub-account it is. */
  readonly parent: HolderId | null
  readonly name: string
  readonly email: string
  readonly roles: readonly UserRole[]
  readonly habit: HabitName
  readonly trades: readonly Instrument[]
}

/** Who asks for inference and does not trade: Auto Mode buys for him. */
export type Consumer = Omit<Person, 'habit' | 'trades'>
/** Whoever has accounts here. */
export type Member = Person | Consumer

/** The main ones; of what one lab makes alone nobody here has any. */
export const traded = instruments.filter(({ listing, supply }) => listing === 'listed' && supply === 'class')

/** Release 0.2 used the fifty ids from 900,000,000 on without accounts. */
const firstUser = 900_001_001

type Row = readonly [name: string, habit: HabitName, first: number, count: number]

// `first` and `count`: which instruments, in a ring of nine.
const rows: readonly Row[] = [
  ['Aurora Inference', 'supplier', 0, 3],
  ['Basalt Compute', 'supplier', 3, 3],
  ['Cinder Works', 'supplier', 6, 3],
  ['Dovetail Cloud', 'supplier', 1, 3],
  ['Ember Foundry', 'supplier', 4, 3],
  ['Fathom Labs', 'supplier', 7, 3],
  ['Gantry Capital', 'maker', 0, 3],
  ['Halyard Trading', 'maker', 3, 3],
  ['Isthmus Markets', 'maker', 6, 3],
  ['Juniper Search', 'impatient', 0, 9],
  ['Kestrel Support', 'impatient', 0, 3],
  ['Lantern Tutors', 'impatient', 3, 3],
  ['Mosaic Studio', 'impatient', 6, 3],
  ['Nimbus Notes', 'impatient', 0, 9],
  ['Osprey Legal', 'impatient', 1, 5],
  ['Parcel Post', 'impatient', 4, 5],
  ['Quarry Games', 'impatient', 6, 5],
  ['Rowan Press', 'patient', 0, 9],
  ['Saffron Health', 'patient', 2, 4],
  ['Thistle Bank', 'patient', 4, 4],
  ['Umbra Films', 'patient', 6, 4],
  ['Verdant Farms', 'patient', 0, 4],
  ['Willow Schools', 'patient', 3, 9],
  ['Xenon Research', 'patient', 5, 4],
  ['Yarrow Resale', 'reseller', 0, 5],
  ['Zephyr Resale', 'reseller', 4, 5],
  ['Almond Brokers', 'reseller', 2, 4],
  ['Bramble Brokers', 'reseller', 6, 4],
  ['Castor and Pollux', 'sibling', 0, 3],
  ['Castor and Pollux, second desk', 'sibling', 0, 3]
]

const domain = 'demo.invalid'

function person ([name, habit, first, count]: Row, place: number): Person {
  const userId = firstUser + place
  // The second of the siblings belongs to the owner of the first, who stands right before it.
  const isSecond = habit === 'sibling' && rows[place - 1]![1] === 'sibling'
  return {
    userId: holderId(userId),
    owner: ownerId(isSecond ? userId - 1 : userId),
    parent: isSecond ? holderId(userId - 1) : null,
    name,
    email: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}@${domain}`,
    roles: habit === 'supplier' ? ['trader', 'supplier'] : ['trader'],
    habit,
    trades: Array.from({ length: count }, (_, step) => traded[(first + step) % traded.length]!)
  }
}

export const people: readonly Person[] = rows.map(person)

const consumer = (userId: number, name: string): Consumer => ({
  userId: holderId(userId),
  owner: ownerId(userId),
  parent: null,
  name,
  email: `${name.toLowerCase()}@${domain}`,
  roles: ['trader']
})

/** Of whoever started the market: what is tried out is charged here, and nobody else asks for anything. */
export const visitor = consumer(900_001_101, 'Visitor')
/** Of the demo itself. */
export const reader = consumer(900_001_102, 'Reader')
export const consumers: readonly Consumer[] = [visitor, reader]

/** Those who serve what they sell; for the others it is enough to be seen in the books. */
export const serving: readonly Person[] = people.filter(({ habit }) => habit === 'supplier').slice(0, 2)
