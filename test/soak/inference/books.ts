// What the log has of a market's requests, read back: what each came to.

import type { Context } from '../../../pipelines/process/context.ts'
import { readToEnd } from '../../../pipelines/runtime/read.ts'
import type { Named } from '../../../pipelines/runtime/stage.ts'
import type { AuthorizationState } from '../../../schemas/ledger/usage-records.ts'
import type { JournalEntry } from '../../../schemas/ledger/records.ts'
import { topics, type Topic } from '../../../schemas/topics.ts'
import type { HolderId } from '../../../schemas/units.ts'

/** The values of all records that are there now, of all partitions. */
export async function valuesOf ({ log, topic }: Context, { name, partitions }: Topic): Promise<Buffer[]> {
  const all = await Promise.all(Array.from({ length: partitions }, async (_, partition) => {
    const values: Buffer[] = []
    await readToEnd(log, { topic: topic(name), partition }, ({ value }) => { if (value !== null) values.push(value) })
    return values
  }))
  return all.flat()
}

async function readAll (context: Context, topic: Topic): Promise<Named[]> {
  const read: Named[] = []
  for (const value of await valuesOf(context, topic)) read.push(await context.binder.read(value))
  return read
}

export type Books = {
  /** How often each request was captured. */
  readonly captures: ReadonlyMap<string, number>
  readonly drawn: number
  /** Tokens that requests hold which nobody has ended. */
  readonly held: number
  readonly open: number
  readonly refused: number
  readonly voided: number
  readonly starts: number
}

export async function booksOf (context: Context, holder: HolderId): Promise<Books> {
  const captures = new Map<string, number>()
  const last = new Map<string, AuthorizationState>()
  const counts = { drawn: 0, refused: 0, voided: 0, starts: 0 }
  const isOf = <Kind extends Named>(kind: Kind['kind']) => (value: Named): value is Kind => value.kind === kind
  const entries = (await readAll(context, topics.ledgerEntries)).filter(isOf<JournalEntry>('journal-entry'))
  const states = (await readAll(context, topics.orderUpdates)).filter(isOf<AuthorizationState>('authorization-state'))
  for (const entry of entries) {
    if (entry.usage === null || entry.holder !== holder) continue
    const { requestId, billed } = entry.usage
    captures.set(requestId, (captures.get(requestId) ?? 0) + 1)
    counts.drawn += billed
  }
  for (const state of states) {
    if (state.holder !== holder) continue
    if (state.cause === 'authorize-usage' && state.refusal !== null) counts.refused++
    if (state.cause === 'start-usage' && state.refusal === null) counts.starts++
    if (state.status === 'voided' && state.refusal === null) counts.voided++
    if (state.refusal === null) last.set(state.requestId, state)
  }
  const isOpen = ({ status, requestId }: AuthorizationState): boolean =>
    (status === 'authorized' || status === 'started') && !captures.has(requestId)
  const left = [...last.values()].filter(isOpen)
  return { captures, ...counts, open: left.length, held: left.reduce((sum, { held }) => sum + held, 0) }
}
