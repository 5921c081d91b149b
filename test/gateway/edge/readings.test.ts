import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSpool } from '../../../gateway/spool/spool.ts'
import { simulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { newFolder } from '../spool/folder.ts'
import { edgeEnvironment, fakeMarket, hop, started, upstreamKey } from './support.ts'

const main = join(import.meta.dirname, '../../../gateway/edge/main.ts')

test('readings wait for a market that is away or refuses the caller, and arrive once it is back', async () => {
  const setup = await started()
  setup.market.refusal = { status: 503 }
  await (await hop(setup)).text()
  await vi.waitFor(() => { expect(setup.logged.join('')).toContain('the market answered 503 to readings') })
  expect(setup.market.events).toEqual([])
  setup.market.refusal = null
  await setup.running.sent()
  expect(setup.market.events.map(({ type }) => type)).toEqual(['market.usage.progress', 'market.usage.final'])
})

test('what the market refuses for good is logged with its reason, counted, and let go', async () => {
  const setup = await started()
  setup.market.refusal = { status: 0, ofEvents: 422 }
  await (await hop(setup, { sub: 'req_refused' })).text()
  await setup.running.sent()
  expect(setup.logged.find(line => line.includes('refuses a reading'))).toMatch(/req_refused.*malformed/)
  expect(await (await fetch(`${setup.url}/metrics`)).text()).toContain('edge_readings_rejected_total 2')
})

test('an edge that is killed before the market has its readings sends them when it runs again', async () => {
  const market = await fakeMarket()
  const upstream = await simulatedUpstream({ key: upstreamKey })
  onTestFinished(() => upstream.close())
  const folder = newFolder()
  const environment = edgeEnvironment({ market, upstream, folder })
  market.refusal = { status: 503 }
  const run = async (): Promise<{ url: string, kill: () => Promise<void> }> => {
    const child = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'close')
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL')
      await ended
    }
    onTestFinished(kill)
    const listening = Promise.withResolvers<string>()
    let output = ''
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString()
      const [, url] = /"url":"([^"]+)"/.exec(output) ?? []
      if (url !== undefined) listening.resolve(url)
    })
    return { url: await listening.promise, kill }
  }
  const first = await run()
  // A ticket of the second in which it started is none: the next one is asked for until it is taken.
  const served = await vi.waitFor(async () => {
    const answer = await hop({ url: first.url, market }, { sub: 'req_killed' })
    expect(answer.status).toBe(200)
    return await answer.text()
  }, { timeout: 10_000, interval: 100 })
  expect(served).toContain('[DONE]')
  await first.kill()
  expect(market.events).toEqual([])
  market.refusal = null
  const second = await run()
  await vi.waitFor(() => { expect(market.events).toHaveLength(2) }, { timeout: 10_000 })
  expect(market.events.map(({ type, data }) => [type, data.request_id])).toEqual([
    ['market.usage.progress', 'req_killed'], ['market.usage.final', 'req_killed']
  ])
  await second.kill()
  const left = openSpool(folder)
  expect(left.pending().length).toBeLessThanOrEqual(2)
  left.close()
})
