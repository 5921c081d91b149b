// Which instrument a `model` names: its own symbol in any case, or what the account calls it.

import { instrumentByPublicId, instrumentBySymbol, instrumentById, type Instrument } from '../../schemas/instruments.ts'
import type { AccountSettings, ConsumptionKey } from '../../schemas/identity/records.ts'
import { mayDraw } from '../limits/key-checks.ts'
import { Fault } from '../surfaces/fault.ts'

/** `*` stands for any letters; the rest is itself. */
function fits (pattern: string, model: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  if (others.length === 0) return model === first
  if (!model.startsWith(first)) return false
  let at = first.length
  const last = others.pop()!
  for (const part of others) {
    const found = model.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return model.length - at >= last.length && model.endsWith(last)
}

type Own = { readonly settings: Pick<AccountSettings, 'aliases'>, readonly key: ConsumptionKey }

/** Throws a `Fault`: 404 for a name that nobody knows, 403 for one that the key may not draw on. */
export function instrumentOf (model: string, { settings, key }: Own): Instrument {
  const name = model.trim().toLowerCase()
  const alias = settings.aliases.find(({ pattern }) => fits(pattern, name))
  const found = instrumentBySymbol(name) ?? (alias === undefined ? undefined : instrumentById(alias.instrumentId)) ??
    instrumentByPublicId(name)
  if (found === undefined) {
    const hint = 'See GET /v1/models; an alias in your settings lets a tool go on calling it so.'
    throw new Fault('model_not_found', `No instrument is called ${model.slice(0, 100)}. ${hint}`)
  }
  if (!mayDraw(key, found.instrumentId)) {
    throw new Fault('key_not_allowed', `This key may not draw on ${found.instrumentId}.`)
  }
  return found
}
