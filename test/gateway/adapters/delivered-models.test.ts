import { expect, test } from 'vitest'
import type { DeliveredModels } from '../../../analytics/delivered-models.ts'
import { modelsPort } from '../../../gateway/adapters/delivered-models.ts'
import { instant, instrumentId } from '../../../schemas/units.ts'

const [prime, max] = [instrumentId('text-prime'), instrumentId('text-max')]
const now = instant(Date.UTC(2026, 5, 15))
const hour = 60 * 60_000

test('who looks never waits; it is asked once an hour, and only when somebody looks', async () => {
  let elapsed = 0
  const asked: { since: number, answer: PromiseWithResolvers<DeliveredModels> }[] = []
  const warned: object[] = []
  const models = modelsPort({
    fetched: async since => {
      const answer = Promise.withResolvers<DeliveredModels>()
      asked.push({ since, answer })
      return await answer.promise
    },
    now: () => now,
    elapsedMs: () => elapsed,
    warn: about => { warned.push(about) }
  })
  const turned = async (): Promise<void> => { await new Promise(resolve => { setImmediate(resolve) }) }
  expect(asked).toHaveLength(0)
  expect([models.delivered(prime), models.delivered(max)]).toEqual([[], []])
  expect(asked.map(({ since }) => since)).toEqual([Date.UTC(2026, 4, 16)])
  asked[0]!.answer.resolve(new Map([[prime, ['gpt-oss-120b']]]))
  await turned()
  elapsed = hour - 1
  expect([models.delivered(prime), models.delivered(max), asked.length]).toEqual([['gpt-oss-120b'], [], 1])
  elapsed = hour
  models.delivered(max)
  asked[1]!.answer.reject(new Error('away'))
  await turned()
  expect([models.delivered(prime), asked.length, warned]).toEqual([['gpt-oss-120b'], 2, [{ error: 'Error: away' }]])
})
