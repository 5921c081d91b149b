import { describe, expect, test } from 'vitest'
import { followMirror, readMirror, type MirrorContext } from '../../../pipelines/process/mirror.ts'
import type { Named } from '../../../pipelines/runtime/stage.ts'
import { Undecodable } from '../../../schemas/codec.ts'
import { topics } from '../../../schemas/topics.ts'
import { instant } from '../../../schemas/units.ts'
import { MemoryLog } from '../runtime/memory-log.ts'

const topic = topics.identities
const user = (name: string): Buffer => Buffer.from(JSON.stringify({ kind: 'user', name }))

class Mirrored {
  readonly log = new MemoryLog()
  readonly taken: [string, unknown][] = []
  readonly warned: string[] = []
  readonly failures: unknown[] = []
  readonly context: MirrorContext = {
    log: this.log,
    logger: { warn: (about, text) => { this.warned.push(`${JSON.stringify(about)} ${text}`) } },
    topic: name => `${name}-1`,
    failed: error => { this.failures.push(error) },
    binder: { read: value => this.#read(value) }
  }

  // Some are known at once, others are asked of the registry first.
  #read (value: Buffer | null): Named | Promise<Named> {
    const text = String(value)
    if (!text.startsWith('{')) throw new Undecodable('not_wire_format', 'no record of ours')
    const read = JSON.parse(text) as Named & { name?: string }
    return read.name === 'slow' ? new Promise(resolve => { setImmediate(resolve, read) }) : read
  }

  readonly take = (key: string, value: Named | null): boolean => {
    this.taken.push([key, value === null ? null : (value as Named & { name: string }).name])
    return key !== 'odd'
  }

  async send (...records: (readonly [key: string | null, value: Buffer | null])[]): Promise<void> {
    await this.log.send(records.map(([key, value]) =>
      ({ topic: 'identities-1', partition: 0, key, value, headers: {}, timestamp: instant(0) })))
  }
}

describe('a topic that is followed', () => {
  test('is taken whole before anything is answered from it, in order, and then goes on', async () => {
    const mirrored = new Mirrored()
    await mirrored.send(['a', user('slow')], ['b', user('Ben')], ['a', user('Ada')], ['b', null])
    const reading = await followMirror(mirrored.context, topic, mirrored.take)
    expect(mirrored.taken).toEqual([['a', 'slow'], ['b', 'Ben'], ['a', 'Ada'], ['b', null]])
    await mirrored.send(['c', user('Cyd')])
    await expect.poll(() => mirrored.taken.at(-1)).toEqual(['c', 'Cyd'])
    await reading.close()
  })

  test('that is empty is taken whole at once', async () => {
    const mirrored = new Mirrored()
    const reading = await followMirror(mirrored.context, topic, mirrored.take)
    expect(mirrored.taken).toEqual([])
    await reading.close()
  })

  test('may hold anything: what can not be used is passed over, and told with its offset', async () => {
    const mirrored = new Mirrored()
    await mirrored.send(
      ['a', Buffer.from('garbage')], [null, user('Nobody')], ['f', Buffer.from('{"kind":"fill"}')], ['odd', user('Odd')],
      ['b', user('Ben')]
    )
    const reading = await followMirror(mirrored.context, topic, mirrored.take)
    expect(mirrored.taken).toEqual([['odd', 'Odd'], ['b', 'Ben']])
    expect(mirrored.warned).toEqual([
      '{"topic":"identities","offset":0} passed over: no record of ours',
      '{"topic":"identities","offset":1} passed over: it has no key',
      '{"topic":"identities","offset":2} passed over: fill does not belong here',
      '{"topic":"identities","offset":3} passed over: it does not fit what is known'
    ])
    expect(mirrored.failures).toEqual([])
    await reading.close()
  })

  test('ends the process where it is our own fault', async () => {
    const mirrored = new Mirrored()
    await mirrored.send(['a', user('Ada')])
    const bug = new Error('a bug')
    await expect(followMirror(mirrored.context, topic, () => { throw bug })).rejects.toBe(bug)
    expect(mirrored.failures).toEqual([bug])
  })
})

test('a topic that is only read is read to where it ended when it was asked', async () => {
  const mirrored = new Mirrored()
  await mirrored.send(['a', user('slow')], ['b', user('Ben')])
  const read = readMirror(mirrored.context, topic, mirrored.take)
  await read
  await mirrored.send(['c', user('Cyd')])
  expect(mirrored.taken).toEqual([['a', 'slow'], ['b', 'Ben']])
})
