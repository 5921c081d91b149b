import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCommandTag, SeenCommands, validityMsMax, writeCommandTag, type CommandTag } from '../../../pipelines/runtime/command.ts'
import type { Instant } from '../../../schemas/units.ts'

const tag = (id: string, validUntil: number): CommandTag => ({ id, validUntil: validUntil as Instant })

describe('the header', () => {
  test('is read as it was written', () => {
    const tags = fc.record({ id: fc.stringMatching(/^[!-~]{1,100}$/), validUntil: fc.nat(10 ** 15 - 1) })
    fc.assert(fc.property(tags, ({ id, validUntil }) => {
      expect(readCommandTag(writeCommandTag(tag(id, validUntil)))).toEqual({ id, validUntil })
    }), { seed: 1 })
  })

  test.each(['', '5', '5 ', ' a', '5 a b', '-5 a', '5.5 a', '5 \u00fc', '5 a\n', '5\ta', `5 ${'a'.repeat(101)}`, `${'9'.repeat(16)} a`])('is null for %j', text => {
    expect(readCommandTag(Buffer.from(text, 'latin1'))).toBeNull()
  })
})

describe('the ids that were seen', () => {
  test('each count once, whatever time a repeat names', () => {
    const seen = new SeenCommands()
    expect([tag('a', 1000), tag('a', 1000), tag('a', 9000), tag('b', 1000)].map(each => seen.see(each))).toEqual([true, false, false, true])
  })

  test('are kept for as long as a repeat would not be late', () => {
    const seen = new SeenCommands()
    seen.see(tag('a', 5000))
    seen.forget(5000 as Instant)
    expect(seen.see(tag('a', 5000))).toBe(false)
  })

  test('are forgotten afterwards, so that what is kept is bounded', () => {
    const seen = new SeenCommands()
    for (let second = 0; second < 1000; second++) {
      seen.forget(second * 1000 as Instant)
      seen.see(tag(`a${second}`, second * 1000 + validityMsMax))
    }
    expect(seen.size).toBeLessThanOrEqual(validityMsMax / 1000 + 2)
  })

  // Few ids and few seconds, so that they repeat, share a second and run out.
  const id = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.oneof(
    fc.record({ kind: fc.constant('see' as const), id, lifeMs: fc.integer({ min: 0, max: 4000 }) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 3000 }) })
  )
  const steps = fc.array(step, { maxLength: 30 })

  type Step = { kind: 'see', id: string, lifeMs: number } | { kind: 'pass', ms: number }

  function play (seen: SeenCommands, from: number, given: readonly Step[]): boolean[] {
    let now = from
    const verdicts: boolean[] = []
    for (const each of given) {
      if (each.kind === 'see') {
        verdicts.push(seen.see(tag(each.id, now + each.lifeMs)))
      } else {
        now += each.ms
        seen.forget(now as Instant)
      }
    }
    return verdicts
  }

  test('restored are as the original', () => {
    fc.assert(fc.property(steps, steps, (before, after) => {
      const original = new SeenCommands()
      play(original, 0, before)
      const restored = SeenCommands.from(JSON.parse(JSON.stringify(original.entries())) as [number, string[]][])
      expect(restored.entries()).toEqual(original.entries())
      expect(play(restored, 50_000, after)).toEqual(play(original, 50_000, after))
      expect(restored.entries()).toEqual(original.entries())
      expect(restored.size).toBe(original.size)
    }), { seed: 3 })
  })

  test('are written alike however they came', () => {
    const [one, other] = [new SeenCommands(), new SeenCommands()]
    const tags = [tag('b', 2000), tag('a', 2000), tag('c', 1000)]
    for (const each of tags) one.see(each)
    for (const each of tags.toReversed()) other.see(each)
    expect(one.entries()).toEqual(other.entries())
  })
})
