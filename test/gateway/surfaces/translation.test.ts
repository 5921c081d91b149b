import { expect, test } from 'vitest'
import { beginningOf, contentOf, effortOf, eventText } from '../../../gateway/surfaces/translation.ts'
import { contextOf, withoutEfforts } from './answers.ts'

test('a conversation begins with all up to its first user, and is bounded', () => {
  const system = { role: 'system', content: 'a'.repeat(9_000) }
  const messages = [system, { role: 'user', content: 'b' }]
  const beginning = beginningOf(messages)
  expect(beginning.length).toBeLessThan(2_100)
  expect(beginningOf([...messages, { role: 'assistant', content: 'c' }, { role: 'user', content: 'd' }])).toBe(beginning)
  expect(beginningOf([system, { role: 'user', content: 'c' }])).not.toBe(beginning)
  expect(beginningOf([...Array.from({ length: 99 }, () => system), ...messages]).length).toBeLessThanOrEqual(8_000)
})

test('one that has no user begins with what it has', () => {
  expect(beginningOf([{ role: 'system', content: 'a' }])).not.toBe(beginningOf([{ role: 'system', content: 'b' }]))
})

test('effort is the most that is not above what was asked, else the least', () => {
  const efforts = (symbol: string): unknown[] =>
    ['none', 'minimal', 'low', 'medium', 'xhigh', 'max'].map(asked => effortOf(asked, contextOf(symbol).instrument))
  expect(efforts('text-max')).toEqual(['none', 'low', 'low', 'medium', 'xhigh', 'max'])
  expect(efforts('text-prime')).toEqual([null, 'low', 'low', 'medium', 'high', 'high'])
  expect(effortOf('low', withoutEfforts().instrument)).toBeNull()
})

test('one text is content, more are parts', () => {
  expect(contentOf([{ type: 'text', text: 'a' }])).toBe('a')
  expect(contentOf([{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }])).toHaveLength(2)
  expect(contentOf([{ type: 'image_url', image_url: { url: 'data:' } }])).toHaveLength(1)
})

test('an event is one line, whatever it says', () => {
  expect(eventText({ type: 'a', text: 'b\n\nc' })).toBe('event: a\ndata: {"type":"a","text":"b\\n\\nc"}\n\n')
})
