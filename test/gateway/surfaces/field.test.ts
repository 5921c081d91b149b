import { validateHeaderValue } from 'node:http'
import { describe, expect, test } from 'vitest'
import { bodyField, modelOf } from '../../../gateway/surfaces/field.ts'
import { faultOf, faultsOf } from './answers.ts'

describe('a body', () => {
  test.each([[null], [[]], ['text'], [7], [undefined]])('that is %j is malformed', body => {
    expect(faultOf(() => bodyField(body))).toMatchObject({ code: 'malformed', status: 400 })
  })

  test('names a model', () => {
    expect(modelOf({ model: 'Text-Prime' })).toBe('Text-Prime')
    expect(faultsOf(() => modelOf({}))).toEqual({ model: ['must be text'] })
    expect(faultsOf(() => modelOf({ model: '' }))).toEqual({ model: ['must not be empty'] })
  })
})

describe('a field', () => {
  test('is called as the client calls it, and all faults are told at once', () => {
    const body = bodyField({ list: [{ a: 1 }, 2], n: 0.5, word: 'x', flag: 'yes' })
    const [first, second] = body.at('list').list()
    expect(first!.at('a').text()).toBe('')
    expect(second!.object()).toEqual({})
    expect(body.at('n').whole(1)).toBe(1)
    body.at('n').number({ min: 1, max: 2 })
    expect(body.at('word').oneOf(['a', 'b'])).toBe('a')
    expect(body.at('flag').flag()).toBe(false)
    body.at('none').list()
    body.at('none').list()
    expect(faultsOf(() => body.findings.settle())).toEqual({
      'list.0.a': ['must be text'],
      'list.1': ['must be an object'],
      n: ['must be a whole number, at least 1', 'must be a number from 1 to 2'],
      word: ['must be one of a, b'],
      flag: ['must be true or false'],
      none: ['must be a list']
    })
  })

  test('that is wrong as often as it likes is told a hundred times, each at no great length', () => {
    const body = bodyField({ list: Array.from({ length: 1000 }, () => 7), ['x'.repeat(5000)]: 7 })
    body.at('x'.repeat(5000)).text()
    const faults = faultsOf(() => body.at('list').list().map(each => each.text()))
    expect(Object.keys(faults)).toEqual(['x'.repeat(200), ...Array.from({ length: 99 }, (_, index) => `list.${index}`)])
  })

  test('that is a list has no more entries than could be meant', () => {
    const sevens = (length: number): number[] => Array.from({ length }, () => 7)
    const body = bodyField({ most: sevens(65_536), more: sevens(65_537) })
    expect(body.at('most').list()).toHaveLength(65_536)
    expect(body.at('more').list()).toEqual([])
    expect(faultsOf(() => body.findings.settle())).toEqual({ more: ['must have at most 65536 entries'] })
  })

  test('has what the body has, not what every object has', () => {
    expect(bodyField({}).at('constructor').value).toBeUndefined()
    expect(bodyField(JSON.parse('{"__proto__":{"model":"x"}}')).at('model').value).toBeUndefined()
  })

  test('that is null is as good as absent', () => {
    expect(bodyField({ stop: null }).at('stop').isThere).toBe(false)
  })
})

test('what was dropped is named as a header can say it, whatever a body calls it', () => {
  const body = bodyField({ 'a\r\nx-other: b': 1, 漢字: 1, ['x'.repeat(5000)]: 1, metadata: {} })
  for (const name of Object.keys(body.object())) body.at(name).ignore()
  expect(body.findings.ignored).toEqual(['a??x-other:?b', '??', 'x'.repeat(100), 'metadata'])
  for (const name of body.findings.ignored) validateHeaderValue('x-grid-ignored', name)
})
