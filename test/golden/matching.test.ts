import { describe, expect, test } from 'vitest'
import { matching } from '../../pipelines/matching/stage.ts'
import type { MatchingOutput } from '../../schemas/matching/records.ts'
import { type GoldenLog, checkpoints, goldenHashes, goldenLogs, goldenRecords, play } from './matching.ts'

const explanation = (version: string): string =>
  `matching behaves otherwise than it did under version ${version}, so old logs would replay to other states. ` +
  'If the change is meant, leave what it did then, do the new thing only where position.version asks for it, raise ' +
  "the stage's version, run test/golden/make-matching.ts, and switch it on in the log with activate-version."

function wordOf (output: MatchingOutput): string {
  switch (output.kind) {
    case 'order-update': return output.reason ?? output.status
    case 'order-outcome': return `held: ${output.refusal ?? output.closureReason ?? output.status}`
    default: return output.kind
  }
}

/** What a log makes matching say, once each. */
function saidIn (log: GoldenLog): string[] {
  const said = new Set<string>()
  play(goldenRecords(log), 1, (_topic, _partition, _key, output) => { said.add(wordOf(output)) })
  return [...said].sort()
}

describe.each(goldenLogs)('the golden log %s', log => {
  const records = goldenRecords(log)

  test.each(Object.entries(goldenHashes(log)))('replays to the same from version %s', (version, golden) => {
    expect(checkpoints(records, Number(version)), explanation(version)).toEqual(golden)
  })
})

test('the first golden log has the behaviour of the present version', () => {
  expect(Object.keys(goldenHashes('matching-v1'))).toContain(String(matching().version))
})

test('the last golden log switches to the present version in its middle', () => {
  const activation = goldenRecords(goldenLogs.at(-1)!).find(({ command }) => command.kind === 'activate-version')
  expect(activation?.command).toEqual({ kind: 'activate-version', version: matching().version })
  expect(activation!.offset).toBeGreaterThan(1000)
})

test('the golden logs cover what matching can say', () => {
  expect(saidIn('matching-v1')).toMatchInlineSnapshot(`
    [
      "book-delta",
      "cancelled",
      "duplicate_order",
      "fill",
      "filled",
      "halted",
      "invalid_price",
      "invalid_quantity",
      "no_fill_max_slippage",
      "no_fill_no_liquidity",
      "not_halted",
      "notional_too_large",
      "off_tick",
      "partially_filled_max_slippage",
      "partially_filled_no_liquidity",
      "partly_filled",
      "paused",
      "post_only_would_cross",
      "price_band",
      "resting",
      "self_trade",
      "tick_change",
      "too_late",
      "unknown_instrument",
      "unknown_order",
      "unsupported",
    ]
  `)
  expect(saidIn('matching-v2')).toMatchInlineSnapshot(`
    [
      "book-delta",
      "cancelled",
      "dead_man",
      "duplicate_order",
      "expired",
      "fill",
      "filled",
      "halted",
      "held: cancelled",
      "held: dead_man",
      "held: duplicate_order",
      "held: expired",
      "held: filled",
      "held: halted",
      "held: invalid_expiry",
      "held: invalid_price",
      "held: invalid_quantity",
      "held: invalid_stop_price",
      "held: mode_change",
      "held: no_fill_max_slippage",
      "held: no_fill_no_liquidity",
      "held: notional_too_large",
      "held: oco",
      "held: off_tick",
      "held: partially_filled_max_slippage",
      "held: partially_filled_no_liquidity",
      "held: partly_filled",
      "held: paused",
      "held: period_closed",
      "held: post_only_would_cross",
      "held: price_band",
      "held: resting",
      "held: self_trade",
      "held: swept",
      "held: tick_change",
      "held: too_late",
      "held: unknown_instrument",
      "held: unsupported",
      "invalid_expiry",
      "invalid_price",
      "invalid_quantity",
      "invalid_stop_price",
      "mode_change",
      "no_fill_max_slippage",
      "no_fill_no_liquidity",
      "not_halted",
      "notional_too_large",
      "oco",
      "off_tick",
      "partially_filled_max_slippage",
      "partially_filled_no_liquidity",
      "partly_filled",
      "paused",
      "period-closed",
      "period_closed",
      "post_only_would_cross",
      "price_band",
      "reference-price",
      "resting",
      "self_trade",
      "swept",
      "tick_change",
      "too_late",
      "unknown_instrument",
      "unknown_order",
      "unsupported",
    ]
  `)
})
