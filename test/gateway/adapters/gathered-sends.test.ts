// Which sends leave together.

import { expect, test } from 'vitest'
import { GatheredSends } from '../../../gateway/adapters/gathered-sends.ts'
import type { Outgoing } from '../../../pipelines/runtime/log.ts'
import { instant } from '../../../schemas/units.ts'

const record = (key: string): Outgoing =>
  ({ topic: 'ledger', partition: 0, key, value: null, headers: {}, timestamp: instant(0) })

/** A log that takes everything, and time that passes when it is told to. */
function gathering (taken: () => Promise<void> = () => Promise.resolve()) {
  const sent: string[][] = []
  const due: (() => void)[] = []
  const time = { now: 1000 }
  const sends = new GatheredSends({
    log: {
      send (records) {
        sent.push(records.map(({ key }) => String(key)))
        return taken()
      }
    },
    elapsedMs: () => time.now,
    gatherMs: 2,
    wait: flush => { due.push(flush) }
  })
  return { sends, sent, time, pass: () => { for (const flush of due.splice(0)) flush() } }
}

test('one that comes by itself leaves at once', async () => {
  const { sends, sent, time } = gathering()
  await sends.send([record('a'), record('b')])
  time.now += 2
  await sends.send([record('c')])
  expect(sent).toEqual([['a', 'b'], ['c']])
})

test('those that follow closely leave together, in their order', async () => {
  const { sends, sent, pass } = gathering()
  const all = ['a', 'b', 'c'].map(key => sends.send([record(key)]))
  expect(sent).toEqual([['a']])
  pass()
  expect(sent).toEqual([['a'], ['b', 'c']])
  await Promise.all(all)
})

test('all that left together are rejected together, and what comes later is not', async () => {
  const answers = [() => Promise.resolve(), () => Promise.reject(new Error('away')), () => Promise.resolve()]
  const { sends, time, pass } = gathering(() => answers.shift()!())
  const all = ['a', 'b', 'c'].map(key => sends.send([record(key)]))
  pass()
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  time.now += 2
  await sends.send([record('d')])
})
