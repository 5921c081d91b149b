import { expect, test, vi } from 'vitest'
import { chat, codeOf, readStream, started, ticketFor, type Setup, type TicketTerms } from './support.ts'

type Uploading = {
  readonly asked: Promise<Response>
  /** The rest of the body. */
  readonly goOn: () => void
}

/** As a client sends its body that has little bandwidth: a few bytes of it, and then nothing. */
function uploading ({ url, market }: Setup, terms: TicketTerms = {}): Uploading {
  const body = chat()
  const sending = Promise.withResolvers<undefined>()
  const parts = async function * (): AsyncGenerator<Buffer> {
    yield Buffer.from(body.slice(0, 10))
    await sending.promise
    yield Buffer.from(body.slice(10))
  }
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: parts(), duplex: 'half' }
  const asked = fetch(`${url}/r/v1/chat/completions?token=${ticketFor(market, body, terms)}`, options as RequestInit)
  return { asked, goOn () { sending.resolve(undefined) } }
}

const isThere = async ({ running: { edge: { live } } }: Setup): Promise<void> => {
  await vi.waitFor(() => { expect(live.size).toBe(1) })
}

test('a body that takes its time is no reason to think that its request is over', async () => {
  const setup = await started()
  const { asked, goOn } = uploading(setup, { iat: Math.floor(Date.now() / 1000) - 50 })
  await isThere(setup)
  const { live, elapsedMs } = setup.running.edge
  for (const ms of [0, 10_000, 31_000]) live.tick(elapsedMs() + ms)
  await setup.running.sent()
  expect(setup.market.events.map(({ type, data }) => [type, data.output_tokens]))
    .toEqual([['market.usage.progress', 0], ['market.usage.progress', 0]])
  goOn()
  expect(readStream(await (await asked).text()).isDone).toBe(true)
  await setup.running.sent()
  expect(setup.market.events.at(-1)!.type).toBe('market.usage.final')
})

test('nothing is said of a young one', async () => {
  const setup = await started()
  const { asked, goOn } = uploading(setup)
  await isThere(setup)
  const { live, elapsedMs } = setup.running.edge
  live.tick(elapsedMs() + 31_000)
  goOn()
  await (await asked).text()
  await setup.running.sent()
  expect(setup.market.events.map(({ type }) => type)).toEqual(['market.usage.progress', 'market.usage.final'])
})

test.each([['the edge goes', 'draining', 503], ['it takes too long', 'upstream_timeout', 504]] as const)('it is given up when %s', async (_, code, status) => {
  const setup = await started()
  const { asked, goOn } = uploading(setup)
  await isThere(setup)
  const { live, elapsedMs } = setup.running.edge
  if (code === 'draining') live.drain(1).catch(() => {})
  else live.tick(elapsedMs() + 91 * 60_000)
  const answer = await asked
  goOn()
  expect([answer.status, await codeOf(answer)]).toEqual([status, code])
})
