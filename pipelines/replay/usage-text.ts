// What a usage replay came to, for a person and for a program.

import { availableParallelism } from 'node:os'
import type { UsageOutcome } from './usage-replay.ts'
import type { Fates } from './usage-tally.ts'

export const isUsageGood = ({ verdict: { differences } }: UsageOutcome): boolean => differences.length === 0

const grouped = (count: number | bigint): string => count.toLocaleString('en')

/** Picodollars, exactly. */
function dollars (picodollars: bigint): string {
  const text = picodollars.toString().padStart(13, '0')
  return `$${grouped(BigInt(text.slice(0, -12)))}.${text.slice(-12)}`
}

/** One object; its names are API. Sums are texts: they know no bound. */
export function usageJson (outcome: UsageOutcome): string {
  const { verdict, seconds } = outcome
  const { trace, log, replica, stored, readings, unbilled, deadLetters, sweeps, accounts } = verdict
  const told = { captured: log.requests, inputTokens: Number(log.inputTokens), outputTokens: Number(log.outputTokens) }
  const { opened, drawn, left, expired, regranted } = log.fates
  return JSON.stringify({
    trace: trace.name,
    requests: trace.requests,
    ...told,
    costPicodollars: String(log.cost),
    tokens: asTexts({ opened, drawn, left, expired, regranted }),
    inReplica: asTexts({ drawn: replica.drawn, left: replica.left, expired: replica.expired }),
    inClickHouse: {
      captured: stored.requests, ...asTexts({ drawn: stored.fates.drawn, costPicodollars: stored.cost })
    },
    readings: readings.log,
    unbilled: unbilled.log,
    deadLetters: deadLetters.log,
    sweeps,
    accounts,
    seconds: Number(seconds.stored.toFixed(3)),
    ok: isUsageGood(outcome)
  })
}

const asTexts = (sums: Readonly<Record<string, bigint>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, String(sum)]))

type Show = (amount: bigint) => string

const fatesText = ({ opened, drawn, left, expired, regranted }: Fates, show: Show): string =>
  `${show(opened)} opened = ${show(drawn)} drawn + ${show(left)} left + ` +
  `${show(expired)} breakage + ${show(regranted)} regranted`

export function usageText (outcome: UsageOutcome): string {
  const { verdict, seconds } = outcome
  const { trace, log, replica, stored, readings, unbilled, deadLetters, sweeps, accounts, differences } = verdict
  const rate = Math.round(trace.requests / seconds.captured)
  const hours = ((verdict.until - verdict.from) / 3_600_000).toFixed(1)
  return [
    `requests   ${grouped(log.requests)} captured of ${grouped(trace.requests)} of ${trace.name}, in ${grouped(readings.log)} readings`,
    `tokens     ${grouped(log.inputTokens)} in, ${grouped(log.outputTokens)} out captured; the trace has ` +
      `${grouped(trace.inputTokens)} in, ${grouped(trace.outputTokens)} out; ` +
      `ClickHouse ${grouped(stored.inputTokens)} in, ${grouped(stored.outputTokens)} out`,
    `lots       ${fatesText(log.fates, grouped)}`,
    `           by the replica ${grouped(replica.drawn)} drawn, ${grouped(replica.left)} left, ${grouped(replica.expired)} breakage; ` +
      `by ClickHouse ${grouped(stored.fates.drawn)}, ${grouped(stored.fates.left)}, ${grouped(stored.fates.expired)}`,
    `cost       ${dollars(log.cost)} over requests, ${dollars(log.costs.drawn)} over lots, ${dollars(stored.cost)} in ClickHouse`,
    `           ${fatesText(log.costs, dollars)}`,
    `beside     ${unbilled.log} records in reconciliation, ${deadLetters.log} dead letters; ${accounts} accounts, ${sweeps} positions swept`,
    `time       ${hours} simulated hours; ${seconds.captured.toFixed(1)} s until all is captured (${rate} requests/s), ` +
      `${seconds.stored.toFixed(1)} s until all is booked and stored; ` +
      `then ${(seconds.checked - seconds.stored).toFixed(1)} s of checks`,
    `           ledger, matching, metering, sinks and this driver in a process each, on ${availableParallelism()} cores ` +
      `shared with the servers if they are local; Node ${process.version}`,
    ...differences.map(difference => `DIFFERS    ${difference}`),
    differences.length === 0 ? 'all is as it must be' : `${differences.length} differences`
  ].join('\n')
}
