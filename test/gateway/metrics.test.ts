import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { processMetrics, reportGauge } from '../../gateway/metrics.ts'
import { fakePorts, serve } from './support.ts'

test('requests are counted by route and status, never by path', async () => {
  const ask = await serve()
  await ask('/api/v1/markets/text-prime/orderbook')
  await ask('/v1/markets/nothing/orderbook')
  await ask('/v1/no-such-thing-4711')
  const { headers, body } = await ask('/metrics')
  expect(headers.get('content-type')).toContain('text/plain')
  const text = String(body['text'])
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/v1/markets/:market/orderbook",status="200"} 1')
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/v1/markets/:market/orderbook",status="404"} 1')
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="none",status="404"} 1')
  expect(text).not.toContain('4711')
})

test('a gauge is read when it is looked at, and forgets what is no longer named', async () => {
  const metrics = new Registry()
  let lag = new Map([['0', 7], ['1', 9]])
  reportGauge(metrics, {
    name: 'replica_lag_records',
    help: 'Records not applied yet.',
    labels: ['partition'],
    read: () => [...lag].map(([partition, value]) => ({ labels: { partition }, value }))
  })
  const ask = await serve(fakePorts({ metrics }))
  expect(String((await ask('/metrics')).body['text'])).toContain('replica_lag_records{partition="0"} 7')
  lag = new Map([['1', 3]])
  const text = String((await ask('/metrics')).body['text'])
  expect(text).toContain('replica_lag_records{partition="1"} 3')
  expect(text).not.toContain('partition="0"')
})

test('the delay of the event loop is among what a process measures', async () => {
  const metrics = new Registry()
  processMetrics(metrics)
  expect(await metrics.metrics()).toContain('nodejs_eventloop_lag_p99_seconds')
})
