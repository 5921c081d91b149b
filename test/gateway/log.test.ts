import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { logger, safeQuery } from '../../gateway/log.ts'
import { fakePorts, serve } from './support.ts'

const secret = 'swordfish'

test.each(['authorization', 'x-api-key', 'x-thegrid-signature', 'cookie'])('%s never reaches the log', name => {
  const lines: string[] = []
  const log = logger('info', new Writable({ write: (line: Buffer, _encoding, done) => { lines.push(line.toString()); done() } }))
  log.info({ headers: { [name]: secret }, req: { headers: { [name]: secret } } }, 'served')
  expect(lines.join()).not.toContain(secret)
  expect(lines.join()).toContain('[redacted]')
})

test.each(['token', 'TOKEN', 'access_token', 'ticket'])('the value of ?%s= never reaches the log', async name => {
  const ports = fakePorts()
  await (await serve(ports))(`/v1/markets?${name}=${secret}&limit=5`)
  expect(ports.logged.join()).not.toContain(secret)
  expect(ports.logged.join()).toContain('limit=5')
})

test('a request is one line: what was asked, what came of it, how long it took', async () => {
  const ports = fakePorts()
  const { headers } = await (await serve(ports))('/api/v1/trading/markets?limit=5')
  expect(ports.logged).toHaveLength(1)
  expect(JSON.parse(ports.logged[0]!)).toMatchObject({
    msg: 'served',
    requestId: headers.get('x-request-id'),
    method: 'GET',
    path: '/api/v1/trading/markets',
    query: 'limit=5',
    status: 200,
    tookMs: 1
  })
})

test('a query keeps what is not secret', () => {
  expect(safeQuery('')).toBe('')
  expect(safeQuery('a=1&token=x&token=y&b=2')).toBe('a=1&token=redacted&b=2')
})
