import { describe, expect, test } from 'vitest'
import { chanceOf } from '../../../pipelines/demo/chance.ts'
import { people, type Person } from '../../../pipelines/demo/people.ts'
import { otherSeats, quotingSeats, Turns } from '../../../pipelines/demo/turns.ts'

const anybody = (): boolean => true
const all = (seed = 1) => new Turns([...quotingSeats(people), ...otherSeats(people)], chanceOf(seed))

const taken = (turns: Turns, count: number) => Array.from({ length: count }, () => turns.next(anybody)!)

describe('turns', () => {
  test('come to everybody, in proportion to their pace', () => {
    const counts = new Map<Person, number>()
    for (const { person } of taken(all(), 12_000)) counts.set(person, (counts.get(person) ?? 0) + 1)
    const mean = (habit: string): number => {
      const those = people.filter(person => person.habit === habit)
      return those.reduce((sum, person) => sum + counts.get(person)!, 0) / those.length
    }
    expect(counts.size).toBe(people.length)
    expect(mean('impatient') / mean('sibling')).toBeCloseTo(4000 / 2500, 1)
    // Three instruments, each at its own pace.
    expect(mean('supplier') / mean('sibling')).toBeCloseTo(3 * 4000 / 8000, 1)
  })

  test('are about instruments of the person’s own', () => {
    for (const { person, instrument } of taken(all(), 2000)) expect(person.trades).toContain(instrument)
  })

  test('pass over who is busy, and end where all are', () => {
    const turns = all()
    const busy = turns.next(anybody)!.person
    for (let count = 0; count < 200; count++) expect(turns.next(person => person !== busy)!.person).not.toBe(busy)
    expect(turns.next(() => false)).toBeUndefined()
  })

  test('are the same for the same chance', () => {
    expect(taken(all(3), 100)).toEqual(taken(all(3), 100))
    expect(taken(all(3), 100)).not.toEqual(taken(all(4), 100))
  })
})

test('who quotes has a seat for each instrument, everybody else one', () => {
  expect(quotingSeats(people)).toHaveLength(27)
  expect(otherSeats(people)).toHaveLength(21)
  expect(quotingSeats(people).every(({ instruments }) => instruments.length === 1)).toBe(true)
})
