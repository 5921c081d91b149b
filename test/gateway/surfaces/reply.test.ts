import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Reply, type Opening } from '../../../gateway/surfaces/reply.ts'
import type { ChatChunk } from '../../../gateway/surfaces/chunk.ts'
import { anyReply, argsDelta, callDelta, chunk, property } from './answers.ts'

type Block = { readonly opening: Opening, readonly texts: string[], isOpen: boolean }

function blocksOf (chunks: readonly ChatChunk[], whenOpen?: (blocks: readonly Block[]) => void): Block[] {
  const blocks: Block[] = []
  const reply = new Reply({
    open: opening => {
      expect(blocks.some(({ isOpen }) => isOpen)).toBe(false)
      blocks.push({ opening, texts: [], isOpen: true })
    },
    grow: text => {
      expect(text).not.toBe('')
      expect(blocks.at(-1)!.isOpen).toBe(true)
      blocks.at(-1)!.texts.push(text)
    },
    close: () => { blocks.at(-1)!.isOpen = false }
  })
  for (const each of chunks) reply.take(each)
  whenOpen?.(blocks)
  reply.end()
  expect(blocks.every(({ isOpen }) => !isOpen)).toBe(true)
  return blocks
}

const textOf = ({ texts }: Block): string => texts.join('')

test('a text that goes on goes on in its block', () => {
  const blocks = blocksOf([chunk({ reasoning_content: 'Hm' }), chunk({ content: 'a' }), chunk({ content: 'b' })])
  expect(blocks.map(({ opening, texts }) => [opening.kind, texts])).toEqual([['reasoning', ['Hm']], ['text', ['a', 'b']]])
})

test('interleaved calls wait for each other: openai/codex#7517', () => {
  const chunks = [
    callDelta(0, 'a', 'one'), argsDelta(0, '{"x"'), callDelta(1, 'b', 'two'), argsDelta(1, '{}'), argsDelta(0, ':1}')
  ].map(delta => chunk(delta))
  const blocks = blocksOf(chunks)
  expect(blocks.map(textOf)).toEqual(['{"x":1}', '{}'])
})

test('a call that is whole does not keep the next one waiting', () => {
  const chunks = [callDelta(0, 'a', 'one'), argsDelta(0, '{"x":1}'), callDelta(1, 'b', 'two'), argsDelta(1, '{"y"')]
  blocksOf(chunks.map(delta => chunk(delta)), blocks => {
    expect(blocks.map(({ texts, isOpen }) => [texts, isOpen])).toEqual([[['{"x":1}'], false], [['{"y"'], true]])
  })
})

test('a call without arguments has none, and says so', () => {
  expect(blocksOf([chunk(callDelta(0, 'a', 'one')), chunk(argsDelta(0, ' '))]).map(textOf)).toEqual([' {}'])
  expect(blocksOf([chunk(callDelta(0, 'a', 'one'))]).map(textOf)).toEqual(['{}'])
})

test('a call whose name comes late is opened when it has one', () => {
  const late = chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { arguments: '{' } }] })
  const named = chunk({ tool_calls: [{ index: 0, function: { name: 'one', arguments: '}' } }] })
  expect(blocksOf([late, named])[0]).toMatchObject({ opening: { call: { id: 'a', name: 'one' } }, texts: ['{}'] })
})

test('other choices than the first are nobody\'s', () => {
  const other = chunk({ content: 'b' })
  expect(blocksOf([{ ...other, choices: [{ ...other.choices[0]!, index: 1 }] }])).toEqual([])
})

test('whatever the order of deltas, every block has all of its own, in order', () => {
  fc.assert(fc.property(anyReply, chunks => {
    const blocks = blocksOf(chunks)
    const deltas = chunks.map(({ choices: [choice] }) => choice!.delta)
    const expected = (pick: (delta: typeof deltas[number]) => string | null | undefined): string => deltas.map(pick).join('')
    const actual = (kind: string): string => blocks.filter(({ opening }) => opening.kind === kind).map(textOf).join('')
    expect(actual('text')).toBe(expected(({ content }) => content))
    expect(actual('reasoning')).toBe(expected(delta => delta.reasoning_content))
    const calls = blocks.filter(({ opening }) => opening.kind === 'call')
    for (const index of [0, 1, 2]) {
      const own = expected(delta => delta.tool_calls?.find(call => call.index === index)?.function.arguments)
      const found = calls.filter(({ opening }) => opening.kind === 'call' && opening.call.id === `call_${index}`)
      expect(found.map(textOf)).toEqual(own === '' ? [] : [own])
    }
  }), property)
})
