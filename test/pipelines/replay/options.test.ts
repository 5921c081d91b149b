import { expect, test } from 'vitest'
import { readOptions, UsageError } from '../../../pipelines/replay/options.ts'

test('without options the recorded flow goes to text-prime, whole and at full speed', () => {
  expect(readOptions([])).toMatchObject({
    instrument: { instrumentId: 'text-prime' },
    limit: undefined,
    rate: undefined,
    file: undefined,
    resume: undefined,
    throughAccounts: false,
    usage: undefined,
    keeps: false,
    isJson: false
  })
})

test('every option is read', () => {
  const args = '--limit 5000 --rate 200 --instrument code-max --file a.csv --json --keep --resume replay-k3x9q2'.split(' ')
  expect(readOptions(args)).toMatchObject({
    instrument: { instrumentId: 'code-max' }, limit: 5000, rate: 200, file: 'a.csv', resume: 'replay-k3x9q2.', keeps: true, isJson: true
  })
  expect(readOptions(['--accounts', '--limit', '9'])).toMatchObject({ throughAccounts: true, limit: 9 })
  expect(readOptions(['--usage', 'conv'])).toMatchObject({ usage: { trace: 'conv', consumers: 16, timeScale: 8 } })
  expect(readOptions('--usage code --consumers 3 --time-scale 50'.split(' '))).toMatchObject({
    usage: { trace: 'code', consumers: 3, timeScale: 50 }
  })
  expect(readOptions(['--limit', '1', '--help'])).toBe('help')
})

test.each([
  [['--limit', '0']], [['--limit', '1.5']], [['--rate', 'fast']], [['--instrument', 'gold']], [['--resume', 'orders']],
  [['--colour']], [['flow.csv']], [['--accounts', '--file', 'a.csv']], [['--accounts', '--rate', '5']],
  [['--usage', 'chat']], [['--usage', 'conv', '--accounts']], [['--usage', 'conv', '--resume', 'replay-a']], [['--consumers', '5']],
  [['--usage', 'conv', '--time-scale', '1001']], [['--usage', 'conv', '--consumers', '0']]
])('%j is refused', args => {
  expect(() => readOptions(args)).toThrow(UsageError)
})
