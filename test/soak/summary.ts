// What a soak came to, for a person and for a program.

import { availableParallelism } from 'node:os'
import type { PipelineSoak } from './pipeline.ts'
import type { Recovery, Span } from './mishaps.ts'

export type Spread = { readonly count: number, readonly medianMs: number, readonly maxMs: number }

/** A recovery, told apart by whether a broker was away meanwhile: then it is the broker that is waited for. */
type Group = 'matching' | 'matchingOwned' | 'matchingAgain' | 'matchingWithoutKafka' | 'sinks' | 'sinksWithoutKafka'

export function spreadOf (times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0
  return { count: sorted.length, medianMs: Math.round(middle), maxMs: Math.round(sorted.at(-1) ?? 0) }
}

type Seen = Pick<PipelineSoak, 'recoveries' | 'interruptions'>

export function recoverySpreads ({ recoveries, interruptions }: Seen): Record<Group, Spread> {
  const outages = interruptions.filter(({ mishap }) => mishap === 'restart Kafka')
  const met = (recovery: Recovery): boolean => outages.some(outage => overlaps(recovery, outage))
  const times = (of: Recovery['of'], without: boolean): number[] =>
    recoveries.filter(recovery => recovery.of === of && met(recovery) === without).map(({ liveMs }) => liveMs)
  return {
    matching: spreadOf(times('matching', false)),
    matchingOwned: spreadOf(recoveries.filter(recovery => recovery.of === 'matching' && !met(recovery)).map(({ ownedMs }) => ownedMs)),
    matchingAgain: spreadOf(recoveries.filter(recovery => recovery.of === 'matching').map(({ againMs }) => againMs)),
    matchingWithoutKafka: spreadOf(times('matching', true)),
    sinks: spreadOf(times('sinks', false)),
    sinksWithoutKafka: spreadOf(times('sinks', true))
  }
}

const overlaps = (one: Span, other: Span): boolean => one.from < other.to && other.from < one.to

/** Of the pipeline: everything that must be so and is not. */
export function faultsOf ({ outcome, interruptions }: PipelineSoak): string[] {
  const away = interruptions.filter(({ mishap }) => mishap === 'ClickHouse away')
  return [
    ...outcome.verdict.differences,
    ...away.filter(({ matched: [before, after] }) => after <= before).map(() => 'matching stood still while ClickHouse was away'),
    ...away.filter(({ waiting }) => waiting.length === 0).map(() => 'no sink said that it waits while ClickHouse was away')
  ]
}

const rows: Record<Group, string> = {
  matching: 'matching killed → another leads and commits',
  matchingOwned: 'matching killed → another has the partition',
  matchingAgain: 'matching killed → two run again',
  matchingWithoutKafka: 'matching killed while Kafka was away',
  sinks: 'sinks killed → the new ones own',
  sinksWithoutKafka: 'sinks killed while Kafka was away'
}

export function pipelineText (soak: PipelineSoak): string {
  const { outcome: { verdict, seconds }, interruptions } = soak
  const spreads = Object.entries(recoverySpreads(soak)) as [Group, Spread][]
  const faults = faultsOf(soak)
  return [
    `messages   ${verdict.messages}: ${verdict.reports} reports, ${verdict.trades} trades, ${verdict.resting} orders resting`,
    `reports    SHA-256 ${verdict.reportSha256}, held against ${verdict.checkpoints} checkpoints`,
    `ClickHouse ${verdict.fillsInClickHouse} fills (${verdict.fillsInLog} in the log), ${verdict.orderUpdates} order updates,` +
      ` ${verdict.candles} candles, ${verdict.deadLetters} dead letters (${soak.deadLettersSent} sent)`,
    `time       ${seconds.stored.toFixed(1)} s to the last row stored, on ${availableParallelism()} cores shared with the servers; Node ${process.version}`,
    ...spreads.filter(([, { count }]) => count > 0).map(([group, { count, medianMs, maxMs }]) =>
      `${rows[group].padEnd(46)} ${String(count).padStart(3)} times, median ${medianMs} ms, max ${maxMs} ms`),
    ...interruptions.map(({ mishap, from, to, matched: [before, after], waiting }) =>
      `${mishap.padEnd(46)} ${((to - from) / 1000).toFixed(1)} s, ${after - before} messages matched meanwhile${waits(waiting)}`),
    ...faults.map(fault => `DIFFERS    ${fault}`),
    faults.length === 0 ? 'all is as it must be' : `${faults.length} differences`
  ].join('\n')
}

const waits = (sinks: readonly string[]): string => sinks.length === 0 ? '' : `; said to wait: ${sinks.join(', ')}`

export function pipelineJson (soak: PipelineSoak): Record<string, unknown> {
  const { outcome: { verdict, seconds }, recoveries, deadLettersSent } = soak
  const { messages, reports, trades, resting, reportSha256, fillsInLog, fillsInClickHouse, deadLetters } = verdict
  return {
    messages,
    reports,
    trades,
    resting,
    reportSha256,
    fillsInLog,
    fillsInClickHouse,
    deadLetters,
    deadLettersSent,
    seconds: Number(seconds.stored.toFixed(1)),
    kills: recoveries.length,
    recoveryMs: recoverySpreads(soak),
    ok: faultsOf(soak).length === 0
  }
}
