// Words of the ledger's scenarios about lots and requests (see ledger-market.ts for the others):
//
//   ada asks for 3000 at least 500 up to 2.00 spending 5.00 in code-max by eve as r1
//       at least: all, where nothing is said · up to: what Auto Mode may pay · by: eve measures it, else the gateway
//       with k1 of 5000 a day · a month · in all: by a key, within its budget · managed at 3.00: what cash may pay
//   r1 starts n1 [with eve]                    r1 stops n1
//   r1 goes on took 1500 more 2000             r1 took 1200 in 300 out         r1 fails by supplier [after 200]
//       … of n1: another nonce than the live one · at 3: another sequence than the next · says eve: another source
//   ada's lot 1 expires (the first that she ever had)      ada is swept [in code-max]
//   text-prime's clock stops · starts [at 12:05]

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { AuthorizeUsage } from '../../schemas/ledger/usage-commands.ts'
import type { AuthorizationState } from '../../schemas/ledger/usage-records.ts'
import type { UnbilledUsage } from '../../schemas/usage/records.ts'
import { type HolderId, instrumentId, tokens } from '../../schemas/units.ts'
import { money, timeMs } from './language.ts'

type Request = {
  readonly holder: HolderId
  readonly instrumentId: string
  readonly recorder: string
  /** As it was last said. */
  nonce: string
  sequence: number
}

type World = {
  readonly holderOf: (name: string) => HolderId
  readonly lotOf: (name: string, nth: number) => number
  readonly midnight: number
  readonly at: number
}

/** What stands behind a word, or behind two. */
function behind (words: string, name: string): string | undefined {
  return new RegExp(`(?:^| )${name} (\\S+)`).exec(words)?.[1]
}

type Key = Pick<AuthorizeUsage, 'keyId' | 'budget' | 'budgetPeriod'>

function keyIn (words: string): Key {
  const [, keyId = '', budget, period = 'in all'] = /(?:^| )with (\S*)(?: of (-?\d+)(?: (a \w+|in all))?)?/.exec(words) ?? []
  const budgetPeriod = period === 'in all' ? 'total' : period.slice('a '.length)
  return { keyId, budget: budget === undefined ? null : tokens(Number(budget)), budgetPeriod }
}

export class Requests {
  readonly #requests = new Map<string, Request>()

  /** Null where a line is about something else. */
  commandIn (step: string, world: World): LedgerCommand | null {
    return (this.#lotCommand(step, world) ?? this.#ask(step, world) ?? this.#go(step, world)) as LedgerCommand | null
  }

  find (name: string): Request | undefined {
    return this.#requests.get(name)
  }

  /** The names of a holder's. */
  of (holder: HolderId): string[] {
    return [...this.#requests].filter(([, request]) => request.holder === holder).map(([name]) => name)
  }

  #lotCommand (step: string, { holderOf, lotOf, midnight, at }: World): object | null {
    const expires = /^(\w+)'s lot (\d+) expires$/.exec(step)
    if (expires !== null) return { kind: 'expire-lot', holder: holderOf(expires[1]!), lotId: lotOf(expires[1]!, Number(expires[2])) }
    const sweeps = /^(\w+) is swept(?: in (\S+))?$/.exec(step)
    if (sweeps !== null) return { kind: 'sweep-position', holder: holderOf(sweeps[1]!), instrumentId: sweeps[2] ?? 'text-prime' }
    const clock = /^(\S+)'s clock (stops|starts)(?: at (\S+))?$/.exec(step)
    if (clock === null) return null
    const [, instrument, verb, time] = clock
    return { kind: verb === 'stops' ? 'stop-clock' : 'start-clock', instrumentId: instrument, effectiveAt: time === undefined ? at : midnight + timeMs(time) }
  }

  #ask (step: string, { holderOf }: World): object | null {
    const match = /^(\w+) asks for (-?\d+)(.*) as (\w+)$/.exec(step)
    if (match === null) return null
    const [, who = '', need = '', words = '', name = ''] = match
    const by = behind(words, 'by')
    const [limit, spend, managed] = ['up to', 'spending', 'managed at'].map(word => behind(words, word))
    const instrument = behind(words.replace(' in all', ''), 'in') ?? 'text-prime'
    const recorder = by === undefined ? 'gateway' : `supplier:${holderOf(by)}`
    const holder = holderOf(who)
    if (!this.#requests.has(name)) this.#requests.set(name, { holder, instrumentId: instrument, recorder, nonce: '', sequence: 0 })
    return {
      kind: 'authorize-usage',
      holder,
      instrumentId: instrumentId(instrument),
      requestId: name,
      need: tokens(Number(need)),
      min: tokens(Number(behind(words, 'at least') ?? need)),
      recorder,
      limitPrice: limit === undefined ? null : money(limit),
      spendMax: spend === undefined ? null : money(spend),
      ...keyIn(words),
      managedPrice: managed === undefined ? null : money(managed)
    }
  }

  #go (step: string, { holderOf, at }: World): object | null {
    const match = /^(\w+) (starts|stops|goes on|took|fails)(.*)$/.exec(step)
    if (match === null) return null
    const [, requestId = '', verb = '', words = ''] = match
    const request = this.#requests.get(requestId) ?? { holder: holderOf('ada'), instrumentId: 'text-prime', recorder: 'gateway', nonce: '', sequence: 0 }
    const { holder } = request
    if (verb === 'starts' || verb === 'stops') {
      const [nonce = ''] = words.trim().split(' ')
      const supplier = behind(words, 'with')
      if (verb === 'starts' && request.nonce === '') request.nonce = nonce
      if (verb === 'stops' && request.nonce === nonce) request.nonce = ''
      const of = { holder, requestId, nonce }
      return verb === 'stops' ? { kind: 'unstart-usage', ...of } : { kind: 'start-usage', ...of, supplier: supplier === undefined ? 0 : holderOf(supplier) }
    }
    const source = behind(words, 'says')
    const sequence = Number(behind(words, 'at') ?? request.sequence + 1)
    const of = {
      holder,
      requestId,
      sequence,
      nonce: behind(words, 'of') ?? request.nonce,
      source: source === undefined ? request.recorder : `supplier:${holderOf(source)}`
    }
    if (source === undefined) request.sequence = Math.max(sequence, request.sequence)
    const amount = (name: string) => tokens(Number(behind(words, name) ?? 0))
    if (verb === 'goes on') return { kind: 'extend-usage', ...of, produced: amount('took'), more: amount('more') }
    const reading = { ...of, instrumentId: request.instrumentId, eventId: `${requestId}-${sequence}`, occurredAt: at }
    if (verb === 'fails') return { kind: 'void-usage', ...reading, fault: behind(words, 'by') ?? '', reason: '', tokens: amount('after') }
    const [, input = 0, output = 0] = /^ (-?\d+) in (-?\d+) out/.exec(words) ?? []
    return { kind: 'capture-usage', ...reading, supplier: 0, inputTokens: tokens(Number(input)), outputTokens: tokens(Number(output)) }
  }
}

export function authorizationText ({ requestId, cause, refusal, status, held, isManaged }: AuthorizationState): string {
  const verb = cause.replace(/-usage$/, '')
  if (refusal !== null && status !== 'refused') return `${requestId} ${verb} refused ${refusal}`
  return [requestId, status, refusal, held > 0 ? held : null, isManaged ? 'managed' : null].filter(word => word !== null).join(' ')
}

export function unbilledText ({ requestId, tokens: count, reason }: UnbilledUsage): string {
  return `${requestId} unbilled ${count} ${reason}`
}

/** Of what happens to lots without being asked for: how many units, or tokens, of whom. */
export function entryText ({ type, lots, usage, postings }: JournalEntry, who: string): string | null {
  if (usage !== null) return `${usage.requestId} billed ${usage.billed}`
  if (type === 'sweep') return `${who} swept ${-postings[0]!.amount}`
  const gone = lots.filter(({ change }) => change !== 'opened').reduce((sum, { tokens: count }) => sum + count, 0)
  return type === 'breakage' || type === 'regrant' ? `${who} ${type} ${gone}` : null
}

/** Of many in a row that are told the same the first and the last stand for all. */
export function briefly (texts: readonly string[]): string[] {
  const rest = (text: string | undefined): string => text?.replace(/^\w+ /, '') ?? ''
  const name = (text: string | undefined): string => text?.split(' ')[0] ?? ''
  const brief: string[] = []
  for (let first = 0; first < texts.length;) {
    let next = first + 1
    while (next < texts.length && rest(texts[next]) === rest(texts[first])) next++
    const alike = texts.slice(first, next)
    brief.push(...alike.length < 4 ? alike : [`${name(alike[0])} … ${name(alike.at(-1))} ${rest(alike[0])}`])
    first = next
  }
  return brief
}
