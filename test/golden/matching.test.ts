import { describe, expect, test } from 'vitest'
import { matching } from '../../pipelines/matching/stage.ts'
import { checkpoints, goldenHashes, goldenRecords } from './matching.ts'

const explanation = (version: string): string =>
  `matching behaves otherwise than it did under version ${version}, so old logs would replay to other states. ` +
  'If the change is meant, leave what it did then, do the new thing only where position.version asks for it, raise ' +
  "the stage's version, run test/golden/make-matching.ts, and switch it on in the log with activate-version."

describe('the golden log of matching', () => {
  const records = goldenRecords()

  test('has the behaviour of the present version', () => {
    expect(Object.keys(goldenHashes())).toContain(String(matching().version))
  })

  test.each(Object.entries(goldenHashes()))('replays to the same under version %s', (version, golden) => {
    expect(checkpoints(records, Number(version)), explanation(version)).toEqual(golden)
  })

  test('covers what matching can say', () => {
    const stage = matching({ orderUpdates: 8 })
    const state = stage.initial(0)
    const said = new Set<string>()
    for (const { offset, at, isLate, command } of records) {
      const position = { at, isLate, partition: 0, offset, version: 1 }
      stage.apply(state, command, position, (_topic, _partition, _key, output) => {
        said.add(output.kind === 'order-update' ? output.reason ?? output.status : output.kind)
      })
    }
    expect([...said].sort()).toMatchInlineSnapshot(`
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
  })
})
