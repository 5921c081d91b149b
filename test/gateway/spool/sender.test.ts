import { expect, test } from 'vitest'
import { Sender, type SenderOptions, type Verdict } from '../../../gateway/spool/sender.ts'
import { openSpool, type SpoolEntry } from '../../../gateway/spool/spool.ts'
import { newFolder, textsOf } from './folder.ts'

type Batch = readonly SpoolEntry[]
const texts = (batch: Batch): string[] => batch.map(({ bytes }) => bytes.toString())

/** A sender whose sends are answered by the test, in turn, and whose pauses take no time. */
function sending (answers: ((batch: Batch) => readonly Verdict[] | undefined)[], options: Partial<SenderOptions> = {}) {
  const folder = newFolder()
  const spool = openSpool(folder)
  const sent: string[][] = []
  const pauses: number[] = []
  const rejected: [string, string][] = []
  let underWay = 0
  const sender = new Sender({
    spool,
    jitter: () => 1,
    async send (batch) {
      expect(underWay).toBe(0)
      underWay += 1
      sent.push(texts(batch))
      await Promise.resolve()
      underWay -= 1
      return answers.shift()?.(batch)
    },
    wait (ms) {
      pauses.push(ms)
      return Promise.resolve()
    },
    rejected (entry, reason) { rejected.push([entry.bytes.toString(), reason]) },
    ...options
  })
  const put = (...all: string[]): void => { for (const text of all) sender.put(Buffer.from(text)) }
  return { folder, spool, sender, sent, pauses, rejected, put }
}

const fails = (): never => { throw new Error('away') }

test('sends what is pending in batches, one at a time, in order, and acknowledges it', async () => {
  const { spool, sender, sent, put } = sending([], { batchMax: 2 })
  put('a', 'b', 'c')
  await sender.idle()
  expect(sent).toEqual([['a'], ['b', 'c']])
  expect(spool.pending()).toEqual([])
  put('d')
  await sender.idle()
  expect(sent.flat()).toEqual(['a', 'b', 'c', 'd'])
  await sender.close()
  spool.close()
})

test('waits longer after each failure, up to the most, and from the beginning after a success', async () => {
  const failures: [unknown, number][] = []
  const { spool, sender, sent, pauses, put } = sending([fails, fails, fails, () => undefined, fails], {
    pauseMs: { first: 100, max: 300 }, failed: (error, attempt) => { failures.push([error, attempt]) }
  })
  put('a')
  await sender.idle()
  put('b')
  await sender.idle()
  expect(pauses).toEqual([100, 200, 300, 100])
  expect(sent).toEqual([['a'], ['a'], ['a'], ['a'], ['b'], ['b']])
  expect(failures.map(([, attempt]) => attempt)).toEqual([1, 2, 3, 1])
  await sender.close()
  spool.close()
})

test('jitter takes at most half of a pause', async () => {
  const { spool, sender, pauses, put } = sending([fails], { jitter: () => 0, pauseMs: { first: 100, max: 300 } })
  put('a')
  await sender.idle()
  expect(pauses).toEqual([50])
  await sender.close()
  spool.close()
})

test('entries are judged one by one: one that is refused is told and leaves, one that is not taken comes again', async () => {
  const { spool, sender, sent, rejected, put } = sending([() => undefined, () => ['taken', { rejected: 'malformed' }, 'again']])
  put('z')
  put('a', 'b', 'c')
  await sender.idle()
  expect(sent).toEqual([['z'], ['a', 'b', 'c'], ['c']])
  expect(rejected).toEqual([['b', 'malformed']])
  expect(spool.pending()).toEqual([])
  await sender.close()
  spool.close()
})

test('gives up what its owner gives up, and nothing by itself', async () => {
  const { spool, sender, rejected, put } = sending([fails, fails], { givesUp: entry => entry.bytes.toString() === 'old' ? 'too old' : null })
  put('old', 'new')
  await sender.idle()
  expect(rejected).toEqual([['old', 'too old']])
  await sender.close()
  spool.close()
})

test('an answer with a verdict too few is no answer', async () => {
  const { spool, sender, sent, put } = sending([() => undefined, () => ['taken']])
  put('z')
  put('a', 'b')
  await sender.idle()
  expect(sent).toEqual([['z'], ['a', 'b'], ['a', 'b']])
  await sender.close()
  spool.close()
})

test('what was not taken when it is closed is sent by the next', async () => {
  const waiting = Promise.withResolvers<undefined>()
  const { folder, spool, sender, put } = sending([fails], {
    async wait (_, signal) {
      waiting.resolve(undefined)
      await new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(new Error('stopped')) }) })
    }
  })
  put('a', 'b')
  await waiting.promise
  const idle = sender.idle()
  await sender.close()
  await idle
  spool.close()
  const next = openSpool(folder)
  expect(textsOf(next)).toEqual(['a', 'b'])
  const sent: string[] = []
  const second = new Sender({
    spool: next,
    jitter: () => 0,
    send (batch) {
      sent.push(...texts(batch))
      return Promise.resolve(undefined)
    }
  })
  await second.idle()
  expect(sent).toEqual(['a', 'b'])
  await second.close()
  next.close()
})

test('what comes while it gathers goes in one batch, and what was gathered when it is closed goes too', async () => {
  const gathered = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const waits: number[] = []
  const { spool, sender, sent, put } = sending([], {
    gatherMs: 25,
    wait (ms, signal) {
      const { promise, reject } = gathered[waits.length]!
      waits.push(ms)
      signal.addEventListener('abort', () => { reject(new Error('stopped')) })
      return promise
    }
  })
  put('a')
  put('b')
  expect(sent).toEqual([])
  gathered[0]!.resolve(undefined)
  await sender.idle()
  expect(sent).toEqual([['a', 'b']])
  put('c')
  await sender.close()
  expect({ sent, waits }).toEqual({ sent: [['a', 'b'], ['c']], waits: [25, 25] })
  expect(spool.pending()).toEqual([])
  spool.close()
})
