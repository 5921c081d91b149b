import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import type { ClickHouse, Parameters } from '../../../analytics/client.ts'
import { runLotJobs } from '../../../pipelines/jobs/run-lot-jobs.ts'
import { readCommandTag } from '../../../pipelines/runtime/command.ts'
import type { Outgoing } from '../../../pipelines/runtime/log.ts'
import { instant, periodMs } from '../../../schemas/units.ts'

const now = instant(123_056 * periodMs + 60_000)
const pageMax = 10_000

type Rows = readonly Record<string, unknown>[]

/** Both jobs on what ClickHouse and the log say; `lots` answers for the first page, and each that follows. */
function jobs (lots: (parameters: Parameters) => Rows, send = async (): Promise<void> => Promise.resolve()) {
  const sent: Array<readonly Outgoing[]> = []
  const asked: Parameters[] = []
  const said: string[] = []
  const metrics = new Registry()
  const stop = runLotJobs({
    log: {
      send: async records => {
        await send()
        sent.push(records)
      }
    },
    topic: name => `${name}-1`,
    encode: value => Buffer.from(JSON.stringify(value)),
    clickhouse: {
      rows: async (sql: string, parameters: Parameters) => {
        if (!sql.includes('lot_changes')) return Promise.resolve([])
        asked.push(parameters)
        return Promise.resolve().then(() => lots(parameters))
      }
    } as unknown as ClickHouse,
    logger: pino({ level: 'info', base: {} }, { write: (line: string) => { said.push((JSON.parse(line) as { msg: string }).msg) } }),
    metrics,
    now: () => now
  })
  onTestFinished(stop)
  const metric = async (name: string): Promise<number | undefined> =>
    (await metrics.getSingleMetric(name)!.get()).values.find(({ labels }) => labels['job'] === 'lot-expiry')?.value
  return { sent, asked, said, stop, metric }
}

const row = (lotId: number, holder = lotId % 64) => ({
  holder: String(holder), lot_id: String(lotId), tokens: '5', opened_ms: String(now - periodMs), expires_ms: String(now - 20_000)
})

test('what is due is asked of the ledger, each holder\'s in its partition, for as long as the command may count', async () => {
  const { sent, metric } = jobs(() => [row(67), row(130)])
  await expect.poll(() => metric('lot_job_due')).toBe(2)
  const [batch] = sent
  expect(batch!.map(({ headers, ...record }) => ({ ...record, value: String(record.value) }))).toEqual([
    { topic: 'ledger-1', partition: 3, key: '3', value: '{"kind":"expire-lot","holder":3,"lotId":67}', timestamp: now },
    { topic: 'ledger-1', partition: 2, key: '2', value: '{"kind":"expire-lot","holder":2,"lotId":130}', timestamp: now }
  ])
  expect(readCommandTag(batch![0]!.headers.command!)).toEqual({ id: 'expire:67', validUntil: now + 45_000 })
  expect(await metric('lot_job_commands_total')).toBe(2)
})

test('many are asked for page by page and sent in batches', async () => {
  const all = Array.from({ length: pageMax + 1500 }, (_, index) => row(64 * (index + 1)))
  const { sent, asked, metric } = jobs(({ beyondLot }) =>
    all.filter(({ lot_id: id }) => Number(id) > Number(beyondLot)).slice(0, pageMax))
  await expect.poll(() => metric('lot_job_due')).toBe(all.length)
  expect(sent.map(batch => batch.length)).toEqual([...Array<number>(11).fill(1000), 500])
  const pages = asked.map(({ beyondLot, limit, since }) => [beyondLot, limit, since])
  expect(pages).toEqual([[0, pageMax, 0], [64 * pageMax, pageMax, 0]])
})

test('a ClickHouse that is away is said once and waited for', async () => {
  let failures = 2
  const { sent, said, metric } = jobs(() => {
    if (failures-- > 0) throw new Error('away')
    return [row(64)]
  })
  await expect.poll(() => metric('lot_job_is_waiting')).toBe(1)
  await expect.poll(() => sent.length, { timeout: 15_000 }).toBe(1)
  await expect.poll(() => metric('lot_job_is_waiting')).toBe(0)
  expect(said).toEqual(['waits: it goes on when it can', 'has asked the ledger for what was due', 'goes on'])
}, 20_000)

test('what the log did not take is asked for again', async () => {
  let failures = 1
  const { sent } = jobs(() => [row(64)], async () => {
    if (failures-- > 0) throw new Error('no broker')
    await Promise.resolve()
  })
  await expect.poll(() => sent.length, { timeout: 15_000 }).toBe(1)
}, 20_000)

test('stopping ends what is under way between two batches', async () => {
  const sending = Promise.withResolvers<undefined>()
  const first = Promise.withResolvers<undefined>()
  const { sent, stop } = jobs(() => Array.from({ length: 3000 }, (_, index) => row(64 * (index + 1))), async () => {
    first.resolve(undefined)
    await sending.promise
  })
  await first.promise
  const stopped = stop()
  sending.resolve(undefined)
  await stopped
  expect(sent.map(batch => batch.length)).toEqual([1000])
})
