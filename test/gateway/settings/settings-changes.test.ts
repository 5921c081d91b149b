import { expect, test } from 'vitest'
import { SettingsChanges } from '../../../gateway/settings/settings-changes.ts'
import type { SettingsPort } from '../../../gateway/settings/settings-port.ts'
import { accountSettings, type AccountSettings, type Identity } from '../../../schemas/identity/records.ts'
import { holderId, instant } from '../../../schemas/units.ts'

const ada = holderId(1)

/** A log that takes its time: a write is there once it is let through, or fails. */
function slow () {
  let settings: AccountSettings = { kind: 'account-settings', userId: ada, ...accountSettings, updatedAt: instant(0) }
  const waiting: Array<(error?: Error) => void> = []
  const port: SettingsPort = {
    settings: () => settings,
    keys: () => [],
    remove: async () => Promise.resolve(),
    write: async (identity: Identity) => new Promise((resolve, reject) => {
      waiting.push(error => {
        if (error !== undefined) {
          reject(error)
          return
        }
        settings = identity as AccountSettings
        resolve()
      })
    })
  }
  const next = async (error?: Error): Promise<void> => {
    await expect.poll(() => waiting.length).toBe(1)
    waiting.shift()!(error)
  }
  const changes = new SettingsChanges({ settings: port, now: () => instant(5) })
  return { changes, waiting, next, settings: () => settings }
}

test('a change begins with what the one before it has left, and each is later than the last', async () => {
  const { changes, next, settings } = slow()
  const all = Promise.all([
    changes.change(ada, () => ({ delivery: 'direct' })),
    changes.change(ada, before => ({ pricesMaxBp: before.delivery === 'direct' ? 7 : 0 })),
    changes.change(ada, () => ({ usesManaged: false }))
  ])
  for (let write = 0; write < 3; write++) await next()
  expect((await all).map(({ updatedAt }) => updatedAt)).toEqual([5, 6, 7])
  expect(settings()).toMatchObject({ delivery: 'direct', pricesMaxBp: 7, usesManaged: false })
})

test('one that fails is told to who asked for it, and hinders nobody', async () => {
  const { changes, next, settings } = slow()
  const first = changes.change(ada, () => ({ delivery: 'direct' }))
  const refused = changes.change(ada, () => { throw new Error('does not go together') })
  const last = changes.change(ada, () => ({ pricesMaxBp: 7 }))
  await next(new Error('no broker'))
  await expect(first).rejects.toThrow('no broker')
  await expect(refused).rejects.toThrow('together')
  await next()
  await last
  expect(settings()).toMatchObject({ delivery: null, pricesMaxBp: 7 })
})

test('of another account they do not wait for each other', async () => {
  const { changes, waiting } = slow()
  const both = [ada, holderId(2)].map(async holder => changes.change(holder, () => ({ pricesMaxBp: 1 })))
  await expect.poll(() => waiting.length).toBe(2)
  waiting.forEach(done => { done() })
  await Promise.all(both)
})
