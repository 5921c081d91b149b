import { describe, expect, test } from 'vitest'
import { people, traded } from '../../../pipelines/demo/people.ts'

const of = (habit: string) => people.filter(person => person.habit === habit)

describe('people', () => {
  test('have ids of their own that no release before gave away', () => {
    expect(new Set(people.map(({ userId }) => userId)).size).toBe(people.length)
    expect(new Set(people.map(({ email }) => email)).size).toBe(people.length)
    for (const { userId } of people) expect(userId).toBeGreaterThan(900_001_000)
  })

  test('are suppliers and buyers of every habit', () => {
    expect(of('supplier')).toHaveLength(6)
    expect(people.length - 6).toBe(24)
    for (const person of people) expect(person.roles.includes('supplier')).toBe(person.habit === 'supplier')
  })

  test('quote and want every main instrument between them', () => {
    expect(traded).toHaveLength(9)
    for (const habit of ['supplier', 'maker', 'impatient', 'patient', 'reseller']) {
      const instruments = new Set(of(habit).flatMap(({ trades }) => trades))
      expect([...traded].every(instrument => instruments.has(instrument)), habit).toBe(true)
    }
  })

  test('are their own owners, but for two that are one', () => {
    const owners = new Map<number, number>()
    for (const { owner } of people) owners.set(owner, (owners.get(owner) ?? 0) + 1)
    expect([...owners.values()].filter(count => count > 1)).toEqual([2])
    const [first, second] = of('sibling')
    expect(second).toMatchObject({ owner: first!.owner, parent: first!.userId })
  })
})
