import { expect, test } from 'vitest'
import { StageMetrics } from '../../../pipelines/process/stage-metrics.ts'
import { MemoryMarket } from '../memory-market.ts'

test('the stages of a process are in the same metrics, told apart by a label', async () => {
  const { context, tick } = await opened()
  for (const [stage, topic, led] of [['ledger', 'ledger-1', [0]], ['matching', 'orders-1', []]] as const) {
    const metrics = new StageMetrics(context, stage)
    metrics.watch([{ options: { topic, partition: 0 }, machine: { next: 2 } }], () => led)
    metrics.count('applied')
    if (stage === 'ledger') metrics.count('clock')
  }
  await tick()
  const shown = (await context.metrics.metrics()).split('\n').filter(line => line.startsWith('stage_'))
  expect(shown).toEqual([
    'stage_records_total{stage="ledger",fate="applied"} 1',
    'stage_records_total{stage="ledger",fate="clock"} 1',
    'stage_records_total{stage="matching",fate="applied"} 1',
    'stage_lag_records{stage="ledger",partition="0"} 19',
    'stage_lag_records{stage="matching",partition="0"} 2',
    'stage_snapshot_age_records{stage="ledger",partition="0"} 2'
  ])
  expect((await context.metrics.metrics()).split('\n').filter(line => line.startsWith('stage_'))).toEqual(shown)
})

/** A market in which a partition of orders has three records, and one of the ledger twenty. */
async function opened () {
  const market = new MemoryMarket()
  await market.open()
  expect([market.end('orders', 0), market.end('ledger', 0)]).toEqual([3, 20])
  return { context: market.context, tick: async () => { await market.tick('orders'); await market.tick('ledger') } }
}
