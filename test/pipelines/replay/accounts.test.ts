import { describe, expect, test } from 'vitest'
import { accountOf, accountPartition, accounts, openingCommands } from '../../../pipelines/replay/accounts.ts'
import { topics } from '../../../schemas/topics.ts'
import { instrumentId, orderId, partitionOfHolder } from '../../../schemas/units.ts'

describe('the accounts of a replay', () => {
  test('are a hundred, all in one partition of the ledger', () => {
    expect(new Set(accounts).size).toBe(100)
    const partitions = accounts.map(holder => partitionOfHolder(holder, topics.ledger.partitions))
    expect(new Set(partitions)).toEqual(new Set([accountPartition]))
  })

  test('either buy or sell, so that none meets itself', () => {
    const ids = Array.from({ length: 500 }, (_, id) => orderId(id + 1))
    const buyers = new Set(ids.map(id => accountOf(id, 'buy')))
    const sellers = new Set(ids.map(id => accountOf(id, 'sell')))
    expect([buyers.size, sellers.size]).toEqual([50, 50])
    expect([...buyers].some(holder => sellers.has(holder))).toBe(false)
  })

  test('are opened with money, or with units to sell', () => {
    const commands = openingCommands(instrumentId('text-prime'))
    const kinds = commands.map(({ kind }) => kind)
    const count = (kind: string) => kinds.filter(each => each === kind).length
    expect(['set-holder', 'deposit', 'issue-supply', 'transfer-issued'].map(count)).toEqual([100, 50, 50, 50])
  })
})
