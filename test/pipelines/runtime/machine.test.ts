import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { validityMsMax } from '../../../pipelines/runtime/command.ts'
import type { LogRecord } from '../../../pipelines/runtime/log.ts'
import type { Output } from '../../../pipelines/runtime/machine.ts'
import { sourceOf } from '../../../pipelines/runtime/origin.ts'
import type { Stop } from '../../../pipelines/runtime/stop.ts'
import { Codec } from '../../../schemas/codec.ts'
import { accepted, activation, bare, clock, command, diarist, emitted, halt, noon, Run, running, source, topic, wire, type Diary, type Sent } from './support.ts'

const bank = sourceOf('bank', 'ledger-1', 0)

function stopOf (act: () => unknown): Stop {
  try {
    act()
  } catch (error) {
    return error as Stop
  }
  throw new Error('nothing was thrown')
}

describe('a record', () => {
  test('is applied at stage time, under the version that is on', () => {
    const run = running()
    expect(run.feed(command('a', noon + 500), emitted(bank, 1, noon + 700))).toEqual(['applied', 'applied'])
    expect(run.machine.state).toEqual([`clock ${noon} v1`, `set-trading-status ${noon + 500} v1`, `set-trading-status ${noon + 700} v1`])
  })

  test('has to be the next one', () => {
    const run = running()
    const { next } = run.machine
    for (const offset of [next - 1, next + 1]) {
      const stop = stopOf(() => run.machine.apply({ ...clock(noon), offset }, []))
      expect(stop.code).toBe('log_gap')
      expect(stop.message).toContain(`expected offset ${next}, was given ${offset}`)
    }
  })
})

describe('an origin', () => {
  test('is applied once, and what repeats is dropped', () => {
    const run = running()
    expect(run.feed(emitted(bank, 1, noon), emitted(bank, 1, noon), emitted(bank, 2, noon), emitted(bank, 1, noon)))
      .toEqual(['applied', 'duplicate', 'applied', 'duplicate'])
    expect(run.machine.mark(bank)).toBe(2)
  })

  test('stops the machine at a gap, and again when it is tried again', () => {
    const run = running()
    run.feed(emitted(bank, 1, noon))
    const stops = [1, 2].map(() => stopOf(() => run.feed(emitted(bank, 3, noon))))
    expect(stops.map(({ code }) => code)).toEqual(['sequence_gap', 'sequence_gap'])
    for (const { message } of stops) expect(message).toContain(`came sequence 3 of ${bank} after 1`)
  })

  test('that is none is a dead letter', () => {
    const run = running()
    expect(run.feed(bare(halt, noon, { origin: Buffer.from('a b') }))).toEqual(['dead-letter'])
    expect(run.reasons).toEqual(['bad_origin'])
  })

  test('counts even where its record can not be read', () => {
    const run = running()
    const { headers } = emitted(bank, 1, noon)
    expect(run.feed(bare(null, noon, headers), emitted(bank, 2, noon))).toEqual(['dead-letter', 'applied'])
  })
})

describe('a command from outside', () => {
  test('takes effect once an id', () => {
    const run = running()
    expect(run.feed(command('a', noon), command('a', noon + 10), command('b', noon))).toEqual(['applied', 'duplicate', 'applied'])
  })

  test('is handed over as late once its time has passed, and not before', () => {
    const run = running()
    run.feed(command('a', noon + 1000, noon + 1000), command('b', noon + 1001, noon + 1000))
    expect(run.machine.state.slice(1)).toEqual([`set-trading-status ${noon + 1000} v1`, `set-trading-status ${noon + 1001} v1 late`])
  })

  test('is forgotten only when a repeat would be late', () => {
    const run = running()
    run.feed(command('a', noon, noon + 3000), clock(noon + 3000), command('a', noon + 3000, noon + 3000), clock(noon + 9000))
    expect(run.feed(command('a', noon + 9000, noon + 3000))).toEqual(['applied'])
    expect(run.machine.state.at(-1)).toContain('late')
    expect(run.machine.state).toHaveLength(5)
  })

  test('is a dead letter where its header is none, or promises too much', () => {
    const run = running()
    const far = noon + validityMsMax
    expect(run.feed(bare(halt, noon, { command: Buffer.from('soon a') }), command('a', noon, far), command('b', noon, far + 1)))
      .toEqual(['dead-letter', 'applied', 'dead-letter'])
    expect(run.reasons).toEqual(['bad_command', 'bad_command'])
  })

  test('is a dead letter without a header', () => {
    const run = running()
    expect(run.feed(bare(halt, noon))).toEqual(['dead-letter'])
    expect(run.reasons).toEqual(['no_identity'])
  })

  test('before time has begun is a dead letter: nobody can say whether it is late', () => {
    const run = new Run()
    run.feed(activation(1, noon))
    expect(run.feed(command('a', noon))).toEqual(['dead-letter'])
    expect(run.reasons).toEqual(['bad_command'])
  })
})

describe('a clock record', () => {
  test('moves time where the two clocks agree, and is dropped where they do not', () => {
    const run = running()
    expect(run.feed(clock(noon + 1000), clock(noon + 2000, noon + 9000))).toEqual(['clock', 'duplicate'])
    expect(run.machine.now).toBe(noon + 2000)
    expect(run.machine.state.at(-1)).toBe(`clock ${noon + 1000} v1`)
  })
})

describe('what can not be read', () => {
  const garbage = [null, Buffer.alloc(0), Buffer.from('hello, world'), Buffer.of(0, 0, 0, 9, 9, 1), halt.subarray(0, halt.length - 1)]

  test('is a dead letter with its place and its reason, and the machine goes on', () => {
    const run = running()
    const from = run.machine.next
    expect(run.feed(...garbage.map(value => bare(value, noon)))).toEqual(garbage.map(() => 'dead-letter'))
    expect(run.reasons).toEqual(['not_wire_format', 'not_wire_format', 'not_wire_format', 'unknown_schema', 'breaks_schema'])
    expect(run.outputs.map(({ value }) => value)).toMatchObject(garbage.map((value, index) =>
      ({ topic, partition: 3, offset: from + index, reader: 'diarist', value, at: noon })))
    expect(run.outputs.map(output => `${output.topic} ${output.partition} ${output.key} ${output.sequence}`))
      .toEqual(garbage.map((_, index) => `dead-letters 1 ${topic}/3/${from + index} ${index + 1}`))
    expect(run.feed(command('a', noon))).toEqual(['applied'])
  })

  test('is so before any version is on: nothing is accepted then', () => {
    const run = new Run()
    expect(run.feed(clock(noon), command('a', noon), bare(null, noon))).toEqual(['dead-letter', 'dead-letter', 'dead-letter'])
    expect(run.reasons).toEqual(['unknown_schema', 'unknown_schema', 'not_wire_format'])
    for (const { value, binding } of run.outputs) expect(binding.encode(value).length).toBeGreaterThan(10)
  })

  test('is so where the schema is ours and the listing does not have it', () => {
    const run = new Run()
    const { id } = accepted.find(({ name }) => name.endsWith('.SetTradingStatus'))!
    run.feed(activation(1, noon, accepted.filter(schema => schema.id !== id)), clock(noon))
    expect(run.feed(command('a', noon))).toEqual(['dead-letter'])
    expect(run.reasons).toEqual(['unknown_schema'])
  })
})

describe('a version', () => {
  test('is on from its record on', () => {
    const run = running()
    expect(run.feed(command('a', noon), activation(2, noon), command('b', noon))).toEqual(['applied', 'control', 'applied'])
    expect(run.machine.state.slice(1)).toEqual([`set-trading-status ${noon} v1`, `set-trading-status ${noon} v2`])
  })

  test('never falls, and a repeat of the same lists schemas anew', () => {
    const run = running()
    run.feed(activation(2, noon, []), activation(1, noon, accepted))
    expect(run.machine.version).toBe(2)
    expect(run.feed(command('a', noon), activation(2, noon), command('b', noon))).toEqual(['dead-letter', 'control', 'applied'])
  })

  test('above the release\'s own stops the machine before it is applied', () => {
    const run = running()
    const { next } = run.machine
    const stop = stopOf(() => run.feed(activation(3, noon)))
    expect(stop.code).toBe('version_ahead')
    expect(stop.message).toContain('activates version 3; this release knows 2')
    expect([run.machine.next, run.machine.version]).toEqual([next, 1])
  })

  test('that can not be read is a dead letter', () => {
    const run = running()
    const { value } = activation(2, noon)
    expect(run.feed(bare(value, noon, { control: Buffer.from('deactivate') }), bare(halt, noon, { control: Buffer.from('activate-version') })))
      .toEqual(['dead-letter', 'dead-letter'])
    expect(run.reasons).toEqual(['bad_control', 'bad_control'])
  })

  test('says which schemas have to be fetched before it is applied', () => {
    const run = running()
    const ours = accepted[0]!
    const later = { ...ours, id: 99, fingerprint: 'another' }
    const foreign = { name: 'other.Thing', id: 98, fingerprint: 'foreign' }
    const record: LogRecord = { ...activation(2, noon, [...accepted, later, foreign]), offset: run.machine.next }
    expect(run.machine.wanted(record).map(({ id }) => id)).toEqual([99])
    expect(run.machine.wanted({ ...command('a', noon), offset: run.machine.next })).toEqual([])
  })
})

describe('a record that an operator has marked', () => {
  test('is passed over, whatever it is, and kept as a dead letter', () => {
    const run = new Run({ skips: [2, 3, 4, 5] })
    run.feed(activation(1, noon), clock(noon))
    expect(run.feed(command('a', noon), emitted(bank, 1, noon), activation(9, noon), bare(halt, noon, { origin: Buffer.from('bad') })))
      .toEqual(['skipped', 'skipped', 'skipped', 'skipped'])
    expect(run.reasons).toEqual(['skipped', 'skipped', 'skipped', 'skipped'])
    expect(run.feed(emitted(bank, 2, noon), command('a', noon))).toEqual(['applied', 'applied'])
  })

  test('closes a gap', () => {
    const run = new Run({ skips: [2] })
    run.feed(activation(1, noon), clock(noon))
    expect(run.feed(emitted(bank, 5, noon), emitted(bank, 5, noon), emitted(bank, 6, noon))).toEqual(['skipped', 'duplicate', 'applied'])
  })
})

describe('outputs', () => {
  test('have the place of their record, an index within it, and sequences without gaps by place', () => {
    const run = running()
    run.feed(command('a', noon), bare(null, noon), command('b', noon), command('c', noon))
    expect(run.outputs.map(({ offset, index, topic: to, partition, sequence }) => `${offset}.${index} ${to}/${partition} ${sequence}`)).toEqual([
      '2.0 fills/0 1', '2.1 order-updates/0 1',
      '3.0 dead-letters/1 1',
      '4.0 fills/0 2', '4.1 order-updates/1 1',
      '5.0 fills/0 3', '5.1 order-updates/0 2'
    ])
    expect(run.outputs.every(({ at }) => at === noon)).toBe(true)
  })

  test('are written under the listing that was on when they were made', () => {
    const other = new Codec().bind(accepted.map(schema => ({ ...schema, id: schema.id + 100 })))
    const run = running()
    run.feed(command('a', noon), activation(2, noon, accepted.map(schema => ({ ...schema, id: schema.id + 100 }))))
    run.feed(bare(other.encode(wire.decode(halt)), noon, emitted(bank, 1, noon).headers))
    expect(run.outputs.filter(output => output.topic === 'fills').map(({ binding, value }) => binding.encode(value).readInt32BE(1) > 100))
      .toEqual([false, true])
  })
})

// Records of every sort, some of which repeat, come late, or are nothing at all.
const record = fc.oneof(
  fc.record({ id: fc.constantFrom('a', 'b', 'c'), after: fc.nat(3000), life: fc.nat(3000) })
    .map(({ id, after, life }) => command(id, noon + after, noon + life)),
  fc.nat(3000).map(after => clock(noon + after)),
  fc.nat(3000).map(after => clock(noon + after, noon + after + 6000)),
  fc.integer({ min: 1, max: 2 }).map(version => activation(version, noon)),
  fc.constantFrom(bare(null, noon), bare(halt, noon), emitted(bank, 1, noon)),
  fc.constant(bare(halt, noon, { origin: Buffer.of(1) }))
)

test('a machine restored from its frame goes on as the one it was taken from', () => {
  fc.assert(fc.property(fc.array(record, { maxLength: 20 }), fc.array(record, { maxLength: 20 }), (before, after) => {
    const original = running()
    original.feed(...before)
    const frame = JSON.parse(JSON.stringify(original.machine.frame())) as ReturnType<typeof original.machine.frame>
    const restored = new Run({ frame, state: diarist.restore(diarist.snapshot(original.machine.state)) })
    expect(restored.machine.hash()).toBe(original.machine.hash())
    const emittedBefore = original.outputs.length
    expect(restored.feed(...after)).toEqual(original.feed(...after))
    expect(restored.machine.hash()).toBe(original.machine.hash())
    const plain = (outputs: readonly Output[]) => outputs.map(output => ({ ...output, binding: undefined }))
    expect(plain(restored.outputs)).toEqual(plain(original.outputs.slice(emittedBefore)))
  }), { seed: 4, numRuns: 300 })
})

test('the hash tells apart what differs in the core or around it', () => {
  const hashOf = (...more: Sent[]): string => {
    const run = running()
    run.feed(...more)
    return run.machine.hash()
  }
  const hashes = [
    hashOf(clock(noon)), hashOf(clock(noon), clock(noon)), hashOf(clock(noon + 1)), hashOf(command('a', noon)), hashOf(command('b', noon)),
    hashOf(command('a', noon, noon + 5000)), hashOf(emitted(bank, 1, noon)), hashOf(bare(null, noon)), hashOf(activation(2, noon)), hashOf(activation(1, noon, []))
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
  expect(hashOf(command('a', noon))).toBe(hashOf(command('a', noon)))
})

test('a machine is its stage on one partition', () => {
  const state: Diary = ['before']
  const run = new Run({ state })
  expect(run.machine.source).toBe(source)
  expect([run.machine.next, run.machine.now, run.machine.version, run.machine.state]).toEqual([0, 0, 0, state])
})
