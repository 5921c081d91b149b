// The rate of turns, on a clock of the test's own.

import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chanceOf } from '../../../pipelines/demo/chance.ts'
import { FairValue } from '../../../pipelines/demo/fair-value.ts'
import type { Participant } from '../../../pipelines/demo/participant.ts'
import { people, traded, type Person } from '../../../pipelines/demo/people.ts'
import { Traffic } from '../../../pipelines/demo/traffic.ts'
import { otherSeats, quotingSeats, Turns } from '../../../pipelines/demo/turns.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

const turnMs = 20

class Crowd {
  commands = 0
  atOnce = 0
  mostAtOnce = 0
  readonly busy = new Set<Person>()
  readonly log: string[] = []
  readonly participants: Participant[]

  /** Each turn takes so long, and so many commands. */
  constructor (commandsATurn: number, durationMs = turnMs) {
    this.participants = people.map(person => ({
      person,
      takeTurn: async () => {
        expect(this.busy.has(person)).toBe(false)
        this.busy.add(person)
        this.mostAtOnce = Math.max(this.mostAtOnce, this.busy.size)
        await new Promise(resolve => { setTimeout(resolve, durationMs) })
        this.busy.delete(person)
        this.commands += commandsATurn
        return commandsATurn
      },
      stayAlive: () => this.#note(`alive ${person.habit}`),
      cancelAll: () => this.#note(`cancel ${person.habit}`)
    } as unknown as Participant))
  }

  #note (line: string): Promise<boolean> {
    this.log.push(line)
    return Promise.resolve(true)
  }
}

function trafficOf (crowd: Crowd, commandsASecond: number): Traffic {
  const values = new Map(traded.map(({ index, trading }) =>
    [index, new FairValue({ ...trading, distances: Int16Array.of(1, -1), from: 0 })]))
  const turns = new Turns([...quotingSeats(people), ...otherSeats(people)], chanceOf(1))
  return new Traffic({ participants: crowd.participants, turns, values, commandsASecond, logger: pino({ level: 'silent' }) })
}

async function started (crowd: Crowd, commandsASecond = 30): Promise<Traffic> {
  const traffic = trafficOf(crowd, commandsASecond)
  const start = traffic.start()
  await vi.advanceTimersByTimeAsync(1000)
  await start
  return traffic
}

describe('traffic', () => {
  test.each([[30, 1], [30, 6], [5, 4]])('of %i commands a second, %i a turn, is that', async (rate, commandsATurn) => {
    const crowd = new Crowd(commandsATurn)
    await started(crowd, rate)
    const before = crowd.commands
    await vi.advanceTimersByTimeAsync(60_000)
    expect(Math.abs((crowd.commands - before) / 60 - rate)).toBeLessThan(rate / 10)
  })

  test('of turns that come to nothing is bounded, too', async () => {
    const crowd = new Crowd(0)
    const taken: number[] = []
    for (const each of crowd.participants) {
      const takeTurn = each.takeTurn.bind(each)
      each.takeTurn = (...of) => {
        taken.push(1)
        return takeTurn(...of)
      }
    }
    await started(crowd)
    const before = taken.length
    await vi.advanceTimersByTimeAsync(10_000)
    expect((taken.length - before) / 10).toBeLessThan(30 / 0.2 + 20)
  })

  test('begins with what is left being cancelled, switches wound up, and every quote', async () => {
    const crowd = new Crowd(5)
    const start = trafficOf(crowd, 30).start()
    await vi.advanceTimersByTimeAsync(3 * turnMs)
    await start
    expect(crowd.log.slice(0, 30).every(line => line.startsWith('cancel'))).toBe(true)
    const quoting = people.filter(({ habit }) => habit === 'supplier' || habit === 'maker')
    expect(crowd.log.slice(30)).toEqual(quoting.map(({ habit }) => `alive ${habit}`))
    expect(crowd.commands).toBe(27 * 5)
  })

  test('takes few turns at once, and makes up for nothing that a slow gateway missed', async () => {
    const crowd = new Crowd(1, 2000)
    const traffic = trafficOf(crowd, 30)
    const start = traffic.start()
    await vi.advanceTimersByTimeAsync(10_000)
    await start
    crowd.mostAtOnce = 0
    const before = crowd.commands
    await vi.advanceTimersByTimeAsync(20_000)
    expect(crowd.mostAtOnce).toBe(4)
    expect(crowd.commands - before).toBeLessThanOrEqual(44)
  })

  test('keeps switches wound up, lets turns end, and cancels everything at its end', async () => {
    const crowd = new Crowd(1)
    const traffic = await started(crowd)
    crowd.log.length = 0
    await vi.advanceTimersByTimeAsync(51_000)
    expect(crowd.log.filter(line => line === 'alive supplier')).toHaveLength(12)
    crowd.log.length = 0
    const stopped = traffic.stop()
    await vi.advanceTimersByTimeAsync(turnMs)
    await stopped
    expect(crowd.busy.size).toBe(0)
    expect(crowd.log).toHaveLength(30)
    const { commands } = crowd
    await vi.advanceTimersByTimeAsync(60_000)
    expect(crowd.commands).toBe(commands)
  })

  test('goes on when a turn fails', async () => {
    const crowd = new Crowd(1)
    for (const each of crowd.participants.slice(0, 15)) each.takeTurn = () => Promise.reject(new Error('no'))
    await started(crowd)
    const before = crowd.commands
    await vi.advanceTimersByTimeAsync(10_000)
    expect(crowd.commands).toBeGreaterThan(before)
  })
})
