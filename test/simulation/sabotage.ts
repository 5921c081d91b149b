// Harm that no rule can mend: a record lost without a word, a reader moved on, a log cut short, a bit flipped, a
// version from the future. There is one right answer to each, a stop with its reason; anything else is silence.

import { Stop, type StopCode } from '../../pipelines/runtime/stop.ts'
import { simulate } from './simulate.ts'
import { type Bank } from './stages.ts'
import type { World } from './world.ts'

type Harm = { readonly expected: readonly StopCode[], readonly prepare: (world: World) => void }

const strike = (world: World): void => { world.witness.strikes++ }

export const harms: Readonly<Record<string, Harm>> = {
  'a lost record': {
    expected: ['sequence_gap'],
    prepare (world) {
      let lost: string | undefined
      world.sabotage.dropRecord = ({ topic, headers }) => {
        const origin = headers.origin?.toString()
        if (origin === undefined || topic === 'entries' || topic === 'letters') return false
        if (lost === undefined && Number(origin.split(' ').at(-1)) === 10) {
          lost = `${topic} ${origin}`
          strike(world)
        }
        // Not once but always: what is sent again after a crash is lost again.
        return lost === `${topic} ${origin}`
      }
    }
  },
  'a reader that jumps': {
    expected: ['log_gap'],
    prepare (world) {
      let hasJumped = false
      world.sabotage.jumps = (topic, from) => {
        if (hasJumped || topic !== 'bank' || from < 30) return false
        hasJumped = true
        strike(world)
        return true
      }
    }
  },
  'a log cut short': {
    // Where no snapshot is left to tell, what was emitted before and is not known any more tells.
    expected: ['log_shrunk', 'sequence_gap'],
    prepare (world) {
      world.scheduler.after(60_000, () => {
        const { archive } = world.broker.partition('snapshots', 0)
        if (!archive.some(({ key, value }) => value !== null && String(key).endsWith('/manifest'))) return
        for (const process of world.processes.values()) process.kill()
        world.broker.partition('bank', 0).truncate(10)
        strike(world)
        world.spawn()
      })
    }
  },
  'a flipped bit': {
    expected: ['state_differs'],
    prepare (world) {
      world.scheduler.after(30_000, () => {
        const follower = [...world.processes.values()].find(process => !process.isLeading)
        const state = follower?.replicas[0]?.machine.state as Bank | undefined
        if (state === undefined || follower?.replicas[0]?.machine.next === 0) return
        state.balances['a0'] = (state.balances['a0'] ?? 0) + 1
        strike(world)
      })
    }
  },
  'a version from the future': {
    expected: ['version_ahead'],
    prepare (world) {
      world.scheduler.after(60_000, () => {
        world.activate(2)
        strike(world)
      })
    }
  }
}

/** What is wrong with how the market took a harm; null where the harm did not come to pass. */
export async function faultsUnder (name: string, seed: number): Promise<string[] | null> {
  const { expected, prepare } = harms[name]!
  const { world } = await simulate(seed, prepare)
  const { strikes, stops, faults } = world.witness
  if (strikes === 0) return null
  if (name === 'a version from the future' && faults.length > 0) return faults
  const codes = stops.map(({ error }) => error instanceof Stop ? error.code : String(error))
  const others = codes.filter(code => !(expected as readonly string[]).includes(code))
  if (others.length > 0) return others.map(code => `a process stopped for ${code}`)
  return codes.length > 0 ? [] : [`${name}: nobody stopped`]
}
