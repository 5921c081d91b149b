// What the orders came to, for a person and for a program.

import { availableParallelism } from 'node:os'
import { spreadOf, type Spread } from '../summary.ts'
import type { Recovery } from './recoveries.ts'
import type { OrdersSoak } from './soak.ts'

/** Of processes that are of one kind, and hit in one way. */
type Group = { readonly of: string, readonly answered: Spread, readonly again: Spread, readonly askedAgain: number }

const kindOf = ({ process, how }: Recovery): string => `${process.replace(/-(\d+|standby)$/, '')} ${how === 'kill' ? 'killed' : 'restarted'}`

function groupsOf (recoveries: readonly Recovery[]): Group[] {
  return Array.from(Map.groupBy(recoveries, kindOf), ([of, own]): Group => ({
    of,
    answered: spreadOf(own.flatMap(({ answeredMs }) => answeredMs ?? [])),
    again: spreadOf(own.map(({ againMs }) => againMs)),
    askedAgain: own.reduce((sum, { askedAgain }) => sum + askedAgain, 0)
  }))
}

/** How often each came: what was asked, the status, the reason. */
function answersOf ({ told }: OrdersSoak): [string, number][] {
  const named = Map.groupBy(told, ({ intention, status, reason }) => `${intention.kind} ${status}${reason === null ? '' : ` ${reason}`}`)
  return Array.from(named, ([name, own]): [string, number] => [name, own.length]).sort(([, a], [, b]) => b - a)
}

const inWords = ({ count, medianMs, maxMs }: Spread): string => `${String(count).padStart(3)} times, median ${medianMs} ms, max ${maxMs} ms`

export function ordersText (soak: OrdersSoak): string {
  const { told, seconds, orders, fills, records, judgedSeconds, faults, recoveries } = soak
  return [
    `commands   ${told.length} in ${seconds.toFixed(1)} s (${Math.round(told.length / seconds)} a second, kills included), ` +
      `on ${availableParallelism()} cores shared with the servers; Node ${process.version}`,
    `orders     ${orders} handed to matching, ${fills} fills; ${records} records replayed and judged in ${judgedSeconds.toFixed(1)} s`,
    ...answersOf(soak).map(([name, count]) => `${String(count).padStart(9)}  ${name}`),
    ...groupsOf(recoveries).flatMap(({ of, answered, again, askedAgain }) => [
      `${`${of} → all parts answer`.padEnd(46)} ${inWords(answered)}, ${askedAgain} commands asked again`,
      `${`${of} → it runs again`.padEnd(46)} ${inWords(again)}`
    ]),
    ...faults.slice(0, faultsShown).map(fault => `DIFFERS    ${fault}`),
    faults.length === 0 ? 'all is as it must be' : `${faults.length} differences`
  ].join('\n')
}

const faultsShown = 50

export function ordersJson (soak: OrdersSoak): Record<string, unknown> {
  const { told, seconds, orders, fills, records, faults, recoveries } = soak
  return {
    commands: told.length,
    orders,
    fills,
    records,
    seconds: Number(seconds.toFixed(1)),
    blows: recoveries.length,
    recoveryMs: Object.fromEntries(groupsOf(recoveries).map(({ of, answered }) => [of, answered])),
    ok: faults.length === 0
  }
}
