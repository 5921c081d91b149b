// The whole path against a broker that asks for TLS and a password: an order in, a fill in ClickHouse.

import { expect, test, vi } from 'vitest'
import { connectClickHouse } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { runClock } from '../../pipelines/clock.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import { provide } from '../../pipelines/provide.ts'
import { runStage } from '../../pipelines/process/run-stage.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { runSinks } from '../../pipelines/sinks/run-sinks.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { topics } from '../../schemas/topics.ts'
import { type Side } from '../../schemas/units.ts'
import { fromOutside, limitOrder } from '../support/orders.ts'
import { ownStack } from '../support/stack.ts'

const prime = instrumentBySymbol('text-prime')!

function order (context: Context, id: number, side: Side): Outgoing {
  const price = prime.trading.referencePrice
  const command = limitOrder({ id, instrumentId: prime.instrumentId, side, price, quantity: 7 })
  return fromOutside(context, prime.index, command)
}

test('an order becomes a fill in ClickHouse through SASL and TLS', async () => {
  const stack = await ownStack({ security: 'sasl_tls' })
  expect(stack.env).toMatchObject({ KAFKA_SASL_MECHANISM: 'scram-sha-512' })
  const config = readConfig({ ...stack.env, LOG_LEVEL: 'silent' })
  expect(config.kafka.tls?.caFile).toBeDefined()
  const context = await openContext(config, 'secured', error => { throw error as Error })
  await provide(context)
  await migrate(config.clickhouse)
  const clickhouse = connectClickHouse(config.clickhouse)
  const stopClock = runClock(context, [topics.orders.name])
  const host = runStage(context, matching(), { leads: true })
  await host.warm()
  await host.join()
  const running = await runSinks({
    ...context,
    clickhouse,
    read: value => context.binder.read(value),
    encode: value => context.binder.current.encode(value),
    report: () => {}
  })
  await context.log.send([order(context, 1, 'sell'), order(context, 2, 'buy')])
  await vi.waitFor(async () => {
    const rows = await clickhouse.rows('SELECT instrument_id, price, quantity FROM fills')
    expect(rows).toEqual([{ instrument_id: 'text-prime', price: String(prime.trading.referencePrice), quantity: '7' }])
  }, { timeout: 60_000, interval: 200 })
  stopClock()
  await running.close()
  await host.close()
  await clickhouse.close()
  await context.log.close()
}, 120_000)
