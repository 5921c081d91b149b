import { expect, test } from 'vitest'
import type { Check } from '../../../gateway/ports.ts'
import { fakePorts, serve } from '../support.ts'

const lagging: Check = {
  name: 'replica', status: 'warn', code: 'lagging', detail: '1,200 records behind.', nextAction: 'Wait, or look at the broker.'
}
const broken: Check = { name: 'clickhouse', status: 'fail', code: 'unreachable', detail: 'Connection refused.' }
const checking = (checks: Check[]): ReturnType<typeof fakePorts> => fakePorts({ health: { checks: () => checks } })

test.each(['/health', '/v1/health', '/api/v1/trading/health'])('%s says that the process answers', async path => {
  const { status, body } = await (await serve(checking([broken])))(path)
  expect([status, body]).toEqual([200, { data: { status: 'ok', service: 'gateway' } }])
})

test.each<[Check[], number, string]>([[[], 200, 'ok'], [[lagging], 200, 'warn'], [[lagging, broken], 503, 'fail']])('readiness with %o is %d', async (checks, expected, word) => {
  const ask = await serve(checking(checks))
  for (const path of ['/ready', '/v1/ready']) {
    const { status, body } = await ask(path)
    expect([status, body.data['status']]).toEqual([expected, word])
  }
})

test('diagnostics tell what was found and what to do', async () => {
  const { body } = await (await serve(checking([lagging, broken])))('/v1/diagnostics')
  expect(body.data).toEqual({
    status: 'fail',
    service: 'gateway',
    server_time: '2026-06-15T12:00:30.000Z',
    checks: [
      { name: 'replica', status: 'warn', code: 'lagging', detail: '1,200 records behind.', next_action: 'Wait, or look at the broker.' },
      { name: 'clickhouse', status: 'fail', code: 'unreachable', detail: 'Connection refused.' }
    ],
    summary: { ok: 0, warn: 1, fail: 1 }
  })
})
