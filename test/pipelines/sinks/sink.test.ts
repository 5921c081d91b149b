import { expect, test } from 'vitest'
import type { Table } from '../../../analytics/tables.ts'
import type { DeadLetter } from '../../../pipelines/runtime/dead-letters.ts'
import type { Outgoing, Ownership, OwnershipRequest } from '../../../pipelines/runtime/log.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import { writeOrigin } from '../../../pipelines/runtime/origin.ts'
import { Positions } from '../../../pipelines/runtime/positions.ts'
import type { Named } from '../../../pipelines/runtime/stage.ts'
import { Stop } from '../../../pipelines/runtime/stop.ts'
import type { SinkKind } from '../../../pipelines/sinks/fold.ts'
import type { Takes } from '../../../pipelines/sinks/identity.ts'
import { Sink } from '../../../pipelines/sinks/sink.ts'
import { Undecodable } from '../../../schemas/codec.ts'
import type { Instant } from '../../../schemas/units.ts'
import { MemoryLog } from '../runtime/memory-log.ts'

type Row = { readonly text: string }
// One letter a row: in RowBinary a byte of length and the letter.
const table: Table<Row> = { name: 'texts', columns: ['text'], write: (to, { text }) => { to.string(text) } }
const loud: Table<Row> = { ...table, name: 'shouts' }
const rows = (letters: string): string => letters.replace(/./g, letter => `\x01${letter}`)

class OwnedLog extends MemoryLog {
  override own ({ assigned }: OwnershipRequest): Promise<Ownership> {
    assigned({ generation: 1, partitions: [0] })
    return Promise.resolve({ commit: () => Promise.resolve(), leave: () => Promise.resolve() })
  }

  override sleep (): Promise<void> {
    return new Promise(resolve => setImmediate(resolve))
  }
}

const record = (kind: string, text: string, sequence?: number): Outgoing => ({
  topic: 'texts',
  partition: 0,
  key: null,
  value: Buffer.from(JSON.stringify({ kind, text })),
  headers: sequence === undefined ? {} : { origin: writeOrigin({ source: 'stage in 0', offset: sequence, index: 0, sequence }) },
  timestamp: 0 as Instant
})

/** A sink of `told` and `shouted` on a topic that carries `other` as well. */
async function sunk (records: readonly Outgoing[], takes: Takes = {}) {
  const log = new OwnedLog()
  await log.send(records)
  const inserted: string[] = []
  const letters: DeadLetter[] = []
  const failing = Promise.withResolvers<Error>()
  const texts: SinkKind<Row> = {
    name: 'sink-texts',
    reads: 'texts',
    kind: 'told',
    table,
    fold: () => ({ add: ({ value }, block) => { block.add(value as Named & Row) } })
  }
  // What is told leaves a row in a second table too, and what is told twice over two.
  const echoes: SinkKind<Row> = {
    ...texts,
    table: { ...table, name: 'echoes' },
    fold: () => ({
      add: ({ value }, block) => { for (const text of (value as Named & Row).text.slice(1)) block.add({ text }) }
    })
  }
  const sink = new Sink({
    name: 'sink-texts',
    log,
    topic: 'texts',
    group: 'sink-texts',
    kinds: [texts, { ...texts, kind: 'shouted', table: loud }, echoes],
    ...takes,
    carries: new Set(['told', 'shouted', 'other']),
    read: value => {
      try {
        return JSON.parse(String(value)) as Named
      } catch (error) {
        throw new Undecodable('breaks_schema', String(error))
      }
    },
    insert: block => {
      inserted.push(`${block.table}: ${block.bytes().toString('latin1')}`)
      return Promise.resolve()
    },
    positions: new Positions(log, { topic: 'positions', partitions: 1, name: 'sink-texts' }),
    setAside: letter => {
      letters.push(letter)
      return Promise.resolve()
    },
    failed: error => { failing.resolve(error as Error) },
    report: () => {}
  })
  await sink.start()
  const stored = expect.poll(() => sink.standings().get(0)).toBe(records.length)
  const outcome = await Promise.race([failing.promise, stored.then(() => null)])
  await sink.close()
  return { outcome, inserted, letters }
}

test('a sink takes its own kinds, each to its table, and passes over what others of the topic are for', async () => {
  const { outcome, inserted, letters } = await sunk([
    record('told', 'a', 1), record('other', 'b', 2), record('shouted', 'c', 3), record('shouted', 'c', 3),
    record('told', 'd', 4), record('other', 'e', 5), record('shouted', 'f', 6)
  ])
  expect({ outcome, letters }).toEqual({ outcome: null, letters: [] })
  const of = (name: string) => inserted.filter(block => block.startsWith(name)).map(block => block.split(': ')[1]).join('')
  expect([of('texts'), of('shouts')]).toEqual([rows('ad'), rows('cf')])
})

test('what does not belong on the topic is set aside, and moves no mark', async () => {
  const { outcome, inserted, letters } = await sunk([
    record('told', 'a', 1), record('stray', 'b', 2), record('told', 'c', 2), record('told', 'd')
  ])
  expect({ outcome, inserted: inserted.join('') }).toEqual({ outcome: null, inserted: `texts: ${rows('ac')}` })
  expect(letters.map(({ offset, reason, detail }) => `${offset} ${reason}: ${detail}`)).toEqual([
    '1 wrong_kind: stray does not belong on texts', '3 no_identity: no origin header, or not a well-formed one'
  ])
})

test('a record of another kind that is missing is a loss all the same', async () => {
  const { outcome } = await sunk([record('told', 'a', 1), record('told', 'c', 3)])
  expect(outcome).toBeInstanceOf(Stop)
  expect((outcome as Stop).code).toBe('sequence_gap')
})

test('a record leaves rows in several tables, in one as many as it has', async () => {
  const { outcome, inserted } = await sunk([record('told', 'abc', 1), record('told', 'd', 2), record('told', 'ef', 3)])
  expect(outcome).toBeNull()
  const echoes = inserted.filter(block => block.startsWith('echoes')).map(block => block.split(': ')[1]).join('')
  expect(echoes).toBe(rows('bcf'))
})

test('of a topic that others write to commands are taken, clocks passed over, and nameless records set aside', async () => {
  const command = writeCommandTag({ id: 'c1', validUntil: 9 as Instant })
  const commanded = (text: string): Outgoing => ({ ...record('told', text), headers: { command } })
  const { outcome, inserted, letters } = await sunk([
    commanded('a'), record('other', 'b'), record('told', 'c'), commanded('d'), commanded('d'),
    { ...record('told', 'e'), headers: { command: Buffer.from('no tag') } }
  ], { takesCommands: true })
  expect(outcome).toBeNull()
  expect(inserted.join('')).toBe(`texts: ${rows('add')}`)
  expect(letters.map(({ offset, reason }) => `${offset} ${reason}`)).toEqual(['2 no_identity', '5 no_identity'])
})
