// What a replay came to, for a person and for a program.

import { availableParallelism } from 'node:os'
import type { Flow } from './flow.ts'
import type { Outcome } from './replay.ts'
import type { AccountVerdict } from './verify.ts'

export const isGood = ({ verdict: { differences } }: Outcome): boolean => differences.length === 0

/** One object; its names are API. */
export function outcomeJson (outcome: Outcome): string {
  const { messages, reports, trades, resting, reportSha256, fillsInLog, fillsInClickHouse, accounts } = outcome.verdict
  const seconds = Number(outcome.seconds.stored.toFixed(3))
  return JSON.stringify({
    messages,
    reports,
    trades,
    resting,
    reportSha256,
    fillsInLog,
    fillsInClickHouse,
    ...(accounts === undefined ? {} : { accounts: accounts.accounts, conserved: accounts.differences.length === 0 }),
    seconds,
    ok: isGood(outcome)
  })
}

export function outcomeText (outcome: Outcome, flow: Flow): string {
  const { verdict, seconds } = outcome
  const rate = Math.round(verdict.messages / seconds.stored).toLocaleString('en')
  const lines = [
    `messages   ${verdict.messages}: ${verdict.reports} reports, ${verdict.trades} trades, ${verdict.resting} orders resting`,
    `reports    SHA-256 ${verdict.reportSha256}`,
    `           ${oracle(flow)}`,
    `ClickHouse ${verdict.fillsInClickHouse} fills (${verdict.fillsInLog} in the log), ${verdict.orderUpdates} order updates, ${verdict.candles} candles of 1s and 1m, ${verdict.deadLetters} dead letters`,
    ...(verdict.accounts === undefined ? [] : [accountsText(verdict.accounts)]),
    `time       ${seconds.stored.toFixed(1)} s from the first message sent to the last row stored: ${rate} messages/s`,
    `           all sent after ${seconds.sent.toFixed(1)} s, all matched after ${seconds.matched.toFixed(1)} s; then ${(seconds.checked - seconds.stored).toFixed(1)} s of checks`,
    `           ${verdict.accounts === undefined ? '' : 'ledger, '}matching, sinks and this sender in a process each, on ${availableParallelism()} cores shared with the servers if they are local; Node ${process.version}`
  ]
  const bad = verdict.differences.map(difference => `DIFFERS    ${difference}`)
  return [...lines, ...bad, isGood(outcome) ? 'all is as it must be' : `${bad.length} differences`].join('\n')
}

const accountsText = ({ accounts, differences }: AccountVerdict): string =>
  `accounts   ${accounts}: every balance by the ledger, by its journal and by ClickHouse: ${differences.length === 0 ? 'all one, nothing made or lost, nothing in transit' : 'see below'}`

function oracle ({ checkpoints }: Flow): string {
  if (checkpoints.length === 0) return 'nothing to hold it against: nobody has said what this flow comes to'
  return `held against ${checkpoints.length} checkpoints, up to message ${checkpoints.at(-1)!.messages}`
}
