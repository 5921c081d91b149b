import { expect, test } from 'vitest'
import type { ApiError } from '../../../gateway/errors.ts'
import { accountSettings, type AccountSettings } from '../../../schemas/identity/records.ts'
import { holderId, instant, instrumentId } from '../../../schemas/units.ts'
import { KnownIdentities } from '../settings/known-identities.ts'

const settings = (updatedAt: number): AccountSettings => ({
  kind: 'account-settings',
  userId: holderId(1),
  ...accountSettings,
  aliases: [{ pattern: 'a', instrumentId: instrumentId('text-max') }],
  updatedAt: instant(updatedAt)
})

const failureOf = async (work: Promise<void>): Promise<ApiError> =>
  await work.then(() => { throw new Error('it went well') }, (error: unknown) => error as ApiError)

test('a write is answered when this directory has applied it, and not by what others wrote', async () => {
  const known = new KnownIdentities()
  known.isQuick = false
  let isDone = false
  const written = known.port.write(settings(2)).then(() => { isDone = true })
  const another = new KnownIdentities()
  await another.port.write(settings(1))
  known.deliver(another.sent[0]!)
  await new Promise(resolve => { setImmediate(resolve) })
  expect([isDone, known.port.settings(holderId(1)).updatedAt]).toEqual([false, 1])
  known.deliver(known.sent[0]!)
  await written
  expect(known.port.settings(holderId(1))).toMatchObject(settings(2))
  known.isQuick = true
  await known.port.remove(settings(2))
  expect(known.port.settings(holderId(1)).aliases).toEqual([])
})

test('what nobody confirms in time may have taken effect', async () => {
  const known = new KnownIdentities({ deadlineMs: 1 })
  known.isQuick = false
  expect((await failureOf(known.port.write(settings(1)))).code).toBe('outcome_unknown')
})

test('and so may what was rejected', async () => {
  const known = new KnownIdentities({ send: async () => Promise.reject(new Error('no broker')) })
  expect((await failureOf(known.port.write(settings(1)))).code).toBe('outcome_unknown')
})

test('beyond a thousand at once nothing is sent', async () => {
  const known = new KnownIdentities()
  known.isQuick = false
  const writes = Array.from({ length: 1000 }, (_, index) => known.port.write(settings(index)))
  expect((await failureOf(known.port.write(settings(1000)))).code).toBe('unavailable')
  expect(known.sent).toHaveLength(1000)
  for (const record of known.sent) known.deliver(record)
  await Promise.all(writes)
})
