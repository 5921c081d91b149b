// The sinks of lots and usage. Lots and receipts lie in the journal's entries, so the journal's sink writes them too.

import { requestReportsTable, type RequestReportRow } from '../../analytics/request-table.ts'
import {
  lotChangesTable, meterEventsTable, unbilledUsageTable, usageReceiptsTable,
  type LotChangeRow, type MeterEventRow, type UnbilledUsageRow, type UsageReceiptRow
} from '../../analytics/usage-tables.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import { topics } from '../../schemas/topics.ts'
import type { MeterEvent, RequestReport, UnbilledUsage } from '../../schemas/usage/records.ts'
import type { Named } from '../runtime/stage.ts'
import type { SinkKind } from './fold.ts'
import { journalSink } from './kinds.ts'
import { requestReportRow } from './request-rows.ts'
import { lotChangeRows, meterEventRow, unbilledUsageRow, usageReceiptRow } from './usage-rows.ts'

export const lotChangesSink: SinkKind<LotChangeRow> = {
  ...journalSink,
  table: lotChangesTable,
  fold: () => ({
    add: ({ value, partition, offset, origin }, rows) => {
      for (const row of lotChangeRows(value as Named & JournalEntry, { partition, offset }, origin)) rows.add(row)
    }
  })
}

export const usageReceiptsSink: SinkKind<UsageReceiptRow> = {
  ...journalSink,
  table: usageReceiptsTable,
  fold: () => ({
    add: ({ value, partition, offset, origin }, rows) => {
      const row = usageReceiptRow(value as Named & JournalEntry, { partition, offset }, origin)
      if (row !== null) rows.add(row)
    }
  })
}

export const meterEventsSink: SinkKind<MeterEventRow> = {
  name: 'sink-usage',
  reads: topics.usage.name,
  kind: 'meter-event',
  table: meterEventsTable,
  takesCommands: true,
  fold: () => ({
    add: ({ value, partition, offset, timestamp }, rows) => {
      rows.add(meterEventRow(value as Named & MeterEvent, { partition, offset }, timestamp))
    }
  })
}

export const unbilledUsageSink: SinkKind<UnbilledUsageRow> = {
  name: 'sink-reconciliation',
  reads: topics.reconciliation.name,
  kind: 'unbilled-usage',
  table: unbilledUsageTable,
  fold: () => ({
    add: ({ value, partition, offset, origin }, rows) => {
      rows.add(unbilledUsageRow(value as Named & UnbilledUsage, { partition, offset }, origin))
    }
  })
}

export const requestReportsSink: SinkKind<RequestReportRow> = {
  name: 'sink-requests',
  reads: topics.requests.name,
  kind: 'request-report',
  table: requestReportsTable,
  takesCommands: true,
  fold: () => ({
    add: ({ value, partition, offset }, rows) => {
      rows.add(requestReportRow(value as Named & RequestReport, { partition, offset }))
    }
  })
}
