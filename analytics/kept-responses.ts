// Responses that clients asked to be kept, as the sealed text that they are here.

import type { ClickHouse } from './client.ts'
import { query } from './query.ts'
import { RowBinary } from './row-binary.ts'

export type KeptRow = {
  readonly holder: number
  readonly response_id: string
  /** Empty: deleted. */
  readonly sealed: string
  readonly kept_at: number
}

export const keptColumns = ['holder', 'response_id', 'sealed', 'kept_at'] as const

export async function keepResponse (clickHouse: ClickHouse, row: KeptRow): Promise<void> {
  const rows = new RowBinary()
  rows.int64(row.holder)
  rows.string(row.response_id)
  rows.string(row.sealed)
  rows.int64(row.kept_at)
  await clickHouse.insert({ table: 'kept_responses_raw', columns: keptColumns, bytes: () => rows.bytes() })
}

/** Null: none is kept under this id, or no longer. */
export async function keptResponse (
  clickHouse: ClickHouse, { holder, responseId }: { readonly holder: number, readonly responseId: string }
): Promise<string | null> {
  const [row] = await clickHouse.rows<{ sealed: string }>(query('kept-response'), { holder, response_id: responseId })
  return row === undefined || row.sealed === '' ? null : row.sealed
}
