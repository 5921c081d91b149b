import { describe, expect, test } from 'vitest'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import { sourceOf } from '../../../pipelines/runtime/origin.ts'
import type { Named } from '../../../pipelines/runtime/stage.ts'
import type { Instant } from '../../../schemas/units.ts'
import { accepted, activation, bare, command, emitted, noon, running, wire } from './support.ts'

const bank = sourceOf('bank', 'ledger-1', 0)

describe('what belongs elsewhere', () => {
  const tag = { command: writeCommandTag({ id: 'a', validUntil: noon + 1000 as Instant }) }
  const stray = wire.encode({ kind: 'book-delta', instrumentId: 'a', at: noon, sequence: 1, previous: 0, changes: [] } as Named)

  test('is a dead letter, whoever vouches for it', () => {
    const run = running()
    const { headers } = emitted(bank, 1, noon)
    expect(run.feed(bare(stray, noon, tag), bare(stray, noon, headers), bare(stray, noon))).toEqual(['dead-letter', 'dead-letter', 'dead-letter'])
    expect(run.reasons).toEqual(['wrong_kind', 'wrong_kind', 'wrong_kind'])
    expect(run.outputs[0]!.value).toMatchObject({ detail: 'book-delta is no command of diarist' })
    expect(run.machine.state).toHaveLength(1)
  })

  test('takes no id from a command, and no sequence from what follows it', () => {
    const run = running()
    const { headers } = emitted(bank, 1, noon)
    expect(run.feed(bare(stray, noon, tag), command('a', noon), bare(stray, noon, headers), emitted(bank, 2, noon)))
      .toEqual(['dead-letter', 'applied', 'dead-letter', 'applied'])
  })

  test('is an activation without its header', () => {
    const run = running()
    const { value } = activation(2, noon)
    const { id } = accepted.find(({ name }) => name.endsWith('.ActivateVersion'))!
    value!.writeInt32BE(id, 1)
    expect(run.feed(bare(value, noon, tag))).toEqual(['dead-letter'])
    expect(run.reasons).toEqual(['wrong_kind'])
    expect(run.machine.version).toBe(1)
  })
})
