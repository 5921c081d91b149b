import { describe, expect, test } from 'vitest'
import { consumers, people, serving, traded } from '../../../pipelines/demo/people.ts'

const of = (habit: string) => people.filter(person => person.habit === habit)

describe('people', () => {
  test('have ids of their own that no release before gave away', () => {
    const members = [...people, ...consumers]
    expect(new Set(members.map(({ userId }) => userId)).size).toBe(members.length)
    expect(new Set(members.map(({ email }) => email)).size).toBe(members.length)
    for (const { userId } of members) expect(userId).toBeGreaterThan(900_001_000)
  })

  test('are suppliers and buyers of every habit', () => {
    expect(of('supplier')).toHaveLength(6)
    expect(people.length - 6).toBe(24)
    for (const person of people) expect(person.roles.includes('supplier')).toBe(person.habit === 'supplier')
  })

  test('serve what they sell, two of them', () => {
    expect(serving.map(({ roles }) => roles.includes('supplier'))).toEqual([true, true])
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
