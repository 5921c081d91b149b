import { describe, expect, test } from 'vitest'
import { attempts, welcome, type Places } from '../../pipelines/welcome.ts'

const places: Places = {
  gateway: 'http://127.0.0.1:4040',
  brokers: '127.0.0.1:9092',
  registry: 'http://127.0.0.1:8081',
  clickHouse: 'http://127.0.0.1:8123',
  curlConfig: '/data/reader.curl',
  metrics: { matching: 5001, 'supplier-1': 5002 },
  logs: '/data/logs',
  data: '/data',
  consumptionKey: 'secret+key'
}

describe('what a start says', () => {
  test('has the base URLs, the key, and every command as it stands', () => {
    const said = welcome(places)
    expect(said).toContain('base URL http://127.0.0.1:4040/v1 (Anthropic clients: http://127.0.0.1:4040), key secret+key')
    expect(said).toContain('http://127.0.0.1:5002/metrics (supplier-1)')
    for (const [what, command] of attempts(places)) expect(said).toContain(`  # ${what}\n  ${command}`)
  })

  test('ends what is read from here on at the start of a line, as a shell wants it', () => {
    const heredocs = attempts(places).filter(([, command]) => command.includes('<<'))
    expect(heredocs.map(([, command]) => command.split(' ', 1)[0])).toEqual(['node', 'python3'])
    for (const [, command] of heredocs) {
      expect(command).toMatch(/\nEND$/)
      expect(command).toMatch(/'http:\/\/127\.0\.0\.1:4040\/v1'.*'secret\+key'/)
    }
  })

  test('says nothing of inference where nobody serves it', () => {
    const { consumptionKey, ...others } = places
    const said = welcome({ ...others, consumptionKey: undefined })
    expect(said).not.toMatch(/base URL|chat\/completions|pipelines\/demo|undefined/)
    expect(said).toContain('orderbook?depth=5')
  })
})
