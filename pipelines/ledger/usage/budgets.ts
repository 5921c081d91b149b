// Budgets of consumption keys: what a key may still draw, and what its requests hold of that.

import { type AuthorizeUsage, type BudgetPeriod, budgetPeriod } from '../../../schemas/ledger/usage-commands.ts'
import { holderField } from '../holders.ts'
import { type Ledger, balanceMax } from '../ledger.ts'
import { isWholeWithin } from '../order-checks.ts'
import { positionField } from '../positions.ts'
import { keyField, periodNumbers } from './keys.ts'
import { type Requests, holding, requestField as field, waiting } from './requests.ts'

const keyIdLengthMax = 200

const isPeriod = (word: string): word is BudgetPeriod => (budgetPeriod as readonly string[]).includes(word)

/** As a row has it; -1: there is no such period. */
export const periodNumber = (word: string): number => isPeriod(word) ? periodNumbers[word] : -1

/** As its request was made; null: none. */
export function askedBudget (requests: Requests, slot: number): { budget: number | null, period: number } {
  const budget = requests.of(slot, field.budget)
  return { budget: budget === 0 ? null : budget - 1, period: requests.of(slot, field.budgetPeriod) }
}

/** A budget is some key's. */
export function isSaneBudget ({ keyId, budget, budgetPeriod: period }: AuthorizeUsage): boolean {
  if (keyId.length > keyIdLengthMax) return false
  return budget === null || (keyId !== '' && isWholeWithin(budget, 0, balanceMax) && isPeriod(period))
}

/** The newest word about a key's budget is the one that counts. */
export function setBudget (state: Ledger, { holder, keyId, budget, budgetPeriod: period }: AuthorizeUsage): void {
  const { keys, holders } = state
  const slot = holders.find(holder)
  const known = keys.byId.find(slot, keyId)
  if (known === 0 && budget === null) return
  const key = known === 0 ? openKey(state, slot, keyId) : known
  keys.put(key, keyField.budget, budget === null ? 0 : budget + 1)
  keys.put(key, keyField.period, budget === null ? 0 : periodNumber(period))
}

/** What its requests hold already is of the budget, too. */
function openKey (state: Ledger, holder: number, keyId: string): number {
  const { keys, requests, holders, positions } = state
  const key = keys.open(holder, keyId)
  let position = holders.of(holder, holderField.firstPosition)
  for (; position !== 0; position = positions.of(position, positionField.next)) {
    for (const list of [holding, waiting]) {
      for (let slot = positions.of(position, list.first); slot !== 0; slot = requests.of(slot, field.next)) {
        if (requests.keyIds[slot] !== keyId) continue
        requests.put(slot, field.key, key)
        keys.add(key, keyField.held, requests.held(slot))
      }
    }
  }
  return key
}

/** How many tokens a key's budget leaves; below 0, where it was lowered. */
export function leftOf ({ keys, now }: Ledger, key: number): number {
  const budget = keys.of(key, keyField.budget)
  return budget === 0 ? Infinity : budget - 1 - keys.drawn(key, now) - keys.of(key, keyField.held)
}

/** Whether what a request's key has left is enough for it. */
export const isWithinBudget = (state: Ledger, slot: number): boolean =>
  leftOf(state, state.requests.of(slot, field.key)) >= state.requests.of(slot, field.min)

/** It holds so much more of its key's budget. */
export function holdOfBudget ({ requests, keys }: Ledger, slot: number, tokens: number): void {
  const key = requests.of(slot, field.key)
  if (key !== 0) keys.add(key, keyField.held, tokens)
}

/** It ends: what it holds is its key's to draw again, but for what it was billed. To be told while it holds. */
export function releaseBudget ({ requests, keys, now }: Ledger, slot: number, billed: number): void {
  const key = requests.of(slot, field.key)
  if (key === 0) return
  keys.add(key, keyField.held, -requests.held(slot))
  if (billed > 0) keys.draw(key, billed, now)
}
