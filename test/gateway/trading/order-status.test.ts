import { expect, test } from 'vitest'
import { apiStatus, closedStandings, statusWord, wordsOf } from '../../../gateway/trading/order-status.ts'
import { closureReason } from '../../../schemas/matching/records.ts'
import { ledgerOrderStatus } from '../../../schemas/ledger/records.ts'

test.each([
  ['held', 'pending'], ['resting', 'active'], ['partly_filled', 'partially_filled'], ['filled', 'filled'], ['refused', 'rejected'], ['expired', 'expired']
] as const)('%s is %s', (status, word) => {
  expect(statusWord({ status, closureReason: null, isCancelling: false })).toBe(word)
})

test('what is being cancelled says so while it is open', () => {
  const words = ledgerOrderStatus.map(status => statusWord({ status, closureReason: null, isCancelling: true }))
  expect(words).toEqual(['cancellation_pending', 'cancellation_pending', 'cancellation_pending', 'filled', 'cancelled', 'rejected', 'expired'])
})

test('what a command withdrew is cancelled, the market\'s own endings are closed', () => {
  const word = (reason: typeof closureReason[number]) => statusWord({ status: 'cancelled', closureReason: reason, isCancelling: false })
  expect(closureReason.filter(reason => word(reason) === 'cancelled')).toEqual(['cancelled', 'suspended', 'dead_man', 'mode_change', 'oco'])
  expect(closureReason.filter(reason => word(reason) === 'closed')).toContain('no_fill_no_liquidity')
})

test('each closed order is asked of the history under the word that it shows', () => {
  for (const reason of closureReason) {
    const isExpiry = reason === 'expired'
    const shown = statusWord({ status: isExpiry ? 'expired' : 'cancelled', closureReason: reason, isCancelling: false })
    expect(closedStandings([shown]), reason).toContain(reason)
    expect(closedStandings(apiStatus.filter(word => word !== shown)), reason).not.toContain(reason)
  }
  expect(closedStandings(wordsOf('open'))).toEqual([])
})
