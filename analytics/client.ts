// The one door to ClickHouse. Everything that matters is set here and not left to a server's profile, so that the
// local server, a container and a managed one behave alike.

import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient, type ClickHouseSettings } from '@clickhouse/client'
import { failure } from './failure.ts'

export type ClickHouseConfig = {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
  /** How long one request may take. */
  readonly requestTimeoutMs?: number
  readonly connectionsMax?: number
}

type Scalar = string | number | bigint | boolean
export type Parameters = Readonly<Record<string, Scalar | readonly Scalar[] | null>>

/** Rows ready to be inserted, in RowBinary. */
export type EncodedBlock = {
  readonly table: string
  readonly columns: readonly string[]
  bytes (): Buffer
}

export type ClickHouse = {
  /** The rows of a query; 64-bit integers and wider come as text, exact. */
  rows<Row> (sql: string, parameters?: Parameters): Promise<Row[]>
  command (sql: string, parameters?: Parameters): Promise<void>
  /** Resolves once the server has the block on disk. May be called again with the same block after a failure. */
  insert (block: EncodedBlock): Promise<void>
  close (): Promise<void>
}

const settings: ClickHouseSettings = {
  // A sink commits to the log what it was told is stored, so the answer must come after the write.
  async_insert: 0,
  wait_end_of_query: 1,
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  // A recorded flow can cover years, and a limit on months a block would stop its sink for ever.
  max_partitions_per_insert_block: '0'
}

/** Each table and each of its columns is a name in our own code; this keeps it so. */
const plainName = /^[a-z][a-z0-9_]*$/

export function connectClickHouse (config: ClickHouseConfig): ClickHouse {
  const client = createClient({
    url: config.url,
    username: config.username,
    password: config.password,
    database: config.database,
    request_timeout: config.requestTimeoutMs ?? 30_000,
    max_open_connections: config.connectionsMax ?? 16,
    application: 'spot-market',
    clickhouse_settings: settings,
    // Each failure is thrown, with its code; the caller knows what it means.
    log: { level: ClickHouseLogLevel.OFF }
  })
  return {
    async rows<Row> (sql: string, parameters: Parameters = {}) {
      return await attempt('query', async () => {
        const result = await client.query({ query: sql, query_params: parameters, format: 'JSONEachRow' })
        return await result.json<Row>()
      })
    },
    async command (sql, parameters = {}) {
      await attempt('command', async () => await client.command({ query: sql, query_params: parameters }))
    },
    async insert (block) {
      await attempt(`insert into ${block.table}`, async () => {
        const values = Readable.from([block.bytes()], { objectMode: false })
        const { stream } = await client.exec({ query: insertStatement(block), values })
        await stream.resume().toArray()
      })
    },
    async close () {
      await client.close()
    }
  }
}

function insertStatement ({ table, columns }: EncodedBlock): string {
  for (const name of [table, ...columns]) {
    if (!plainName.test(name)) throw new Error(`${name} is not a name of a table or column`)
  }
  return `INSERT INTO ${table} (${columns.join(', ')}) FORMAT RowBinary`
}

async function attempt<Result> (doing: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw failure(doing, error)
  }
}
