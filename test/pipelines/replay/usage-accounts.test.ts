import { expect, test } from 'vitest'
import {
  castOf, consumerKind, consumersDefault, consumersMax, openingCommands, type ConsumerKind
} from '../../../pipelines/replay/usage-accounts.ts'
import { topics } from '../../../schemas/topics.ts'
import { instrumentId, partitionOfHolder } from '../../../schemas/units.ts'

const textPrime = instrumentId('text-prime')

test('consumers are of all kinds, and in all partitions of the ledger', () => {
  const { consumers } = castOf(consumersDefault)
  const count = (of: ConsumerKind): number => consumers.filter(({ kind }) => kind === of).length
  expect(consumerKind.map(count)).toEqual([6, 5, 5])
  const partitions = consumers.map(({ holder }) => partitionOfHolder(holder, topics.ledger.partitions))
  expect(new Set(partitions).size).toBe(topics.ledger.partitions)
})

test('no supplier is a consumer, however many there are', () => {
  const { holders, suppliers } = castOf(consumersMax)
  expect(new Set(holders).size).toBe(consumersMax + suppliers.length)
})

test('consumers are opened with money, suppliers with units to sell, and an easy account trades no more', () => {
  const cast = castOf(6)
  const commands = openingCommands(cast, textPrime)
  const count = (kind: string): number => commands.filter(command => command.kind === kind).length
  const kinds = ['set-holder', 'deposit', 'set-account-mode', 'issue-supply', 'transfer-issued']
  expect(kinds.map(count)).toEqual([10, 6, 6, 4, 4])
  const easy = commands.flatMap(command =>
    command.kind === 'set-account-mode' && command.mode === 'easy' ? [command.holder] : [])
  expect(easy).toEqual([3, 6])
})
