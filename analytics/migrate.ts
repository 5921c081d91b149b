// Brings a database to the present shape of our tables. Forward only.
//
// Rules
//   G1  Migrations run in the order of their numbers; what ran is kept in the table `migrations` with a SHA-256 of its
//       text. An old file that changed is an error, and so is a database that is ahead of this program.
//   G2  ClickHouse has no lock to hold and no transaction to undo, so each migration may run again at any later time
//       without harm: IF NOT EXISTS everywhere, and what changes gets a new name; but a view of all columns is made
//       anew when its table has more. Then two processes at once, or one that died halfway, need no care.
//   G3  Each has a check, which returns a row for each thing wrong. All are asked on every run. Where one finds
//       something, its migration runs once more (somebody dropped a table), and what is still wrong then is an error.
//   G4  {on_cluster} and {replicated} stand where a cluster wants its words; without one they are empty.

import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { connectClickHouse, type ClickHouse, type ClickHouseConfig } from './client.ts'
import { statements } from './statements.ts'

export type Migration = {
  readonly number: number
  /** The file without its ending, such as `0001_fills`. */
  readonly name: string
  readonly sql: string
  readonly check: string
}

/** `repaired`: those whose check failed though they had run before. */
export type Migrated = { readonly applied: readonly string[], readonly repaired: readonly string[] }

export type MigrateOptions = {
  /** The cluster of ON CLUSTER, whose tables are replicated. Null: one server, plain engines. */
  readonly cluster?: string | null
  readonly migrations?: readonly Migration[]
}

type Applied = { readonly number: number, readonly sha256: string }

const directoryOfOurs = fileURLToPath(new URL('./migrations/', import.meta.url))

const fingerprint = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex')

export async function readMigrations (directory = directoryOfOurs): Promise<Migration[]> {
  const files = (await readdir(directory)).filter(file => file.endsWith('.sql') && !file.endsWith('.check.sql')).sort()
  return await Promise.all(files.map(async (file, index) => {
    const name = file.slice(0, -'.sql'.length)
    const number = Number(/^(\d{4})_[a-z0-9_]+$/.exec(name)?.[1])
    if (number !== index + 1) throw new Error(`${file} is not the migration after number ${index}`)
    const [sql, check] = await Promise.all([file, `${name}.check.sql`].map(async part => await readFile(directory + part, 'utf8')))
    return { number, name, sql: sql!, check: check! }
  }))
}

/** Makes the database if it is not there, and runs what has not run yet. */
export async function migrate (config: ClickHouseConfig, options: MigrateOptions = {}): Promise<Migrated> {
  const cluster = options.cluster ?? null
  await createDatabase(config, cluster)
  const clickHouse = connectClickHouse(config)
  try {
    await clickHouse.command(forCluster(bookkeeping, cluster))
    return await runPending(clickHouse, options.migrations ?? await readMigrations(), cluster)
  } finally {
    await clickHouse.close()
  }
}

export async function createDatabase (config: ClickHouseConfig, cluster: string | null = null): Promise<void> {
  // A connection can't name a database that is not there yet.
  const server = connectClickHouse({ ...config, database: 'default' })
  try {
    const parameters = { database: config.database }
    // Who is given a database is often not allowed to make one.
    const there = await server.rows('SELECT name FROM system.databases WHERE name = {database:String}', parameters)
    if (there.length > 0) return
    await server.command(forCluster('CREATE DATABASE IF NOT EXISTS {database:Identifier} {on_cluster}', cluster), parameters)
  } finally {
    await server.close()
  }
}

/** The text is part of the key, so that two programs that disagree leave both their rows, and are found out. */
const bookkeeping = `
CREATE TABLE IF NOT EXISTS migrations {on_cluster}
(number UInt32, name String, sha256 String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = {replicated}ReplacingMergeTree ORDER BY (number, sha256)`

async function runPending (
  clickHouse: ClickHouse, migrations: readonly Migration[], cluster: string | null
): Promise<Migrated> {
  const applied: string[] = []
  const repaired: string[] = []
  for (const migration of migrations) {
    // Read anew each time: another process may be doing the same.
    const isApplied = compare(migrations, await appliedSoFar(clickHouse)).has(migration.number)
    if (isApplied && (await wrongs(clickHouse, migration)).length === 0) continue
    for (const statement of statements(forCluster(migration.sql, cluster))) await clickHouse.command(statement)
    const wrong = await wrongs(clickHouse, migration)
    if (wrong.length > 0) throw new Error(`after migration ${migration.name}: ${wrong.join('; ')}`)
    if (!isApplied) await record(clickHouse, migration)
    const list = isApplied ? repaired : applied
    list.push(migration.name)
  }
  compare(migrations, await appliedSoFar(clickHouse))
  return { applied, repaired }
}

async function appliedSoFar (clickHouse: ClickHouse): Promise<Applied[]> {
  return await clickHouse.rows<Applied>('SELECT number, sha256 FROM migrations ORDER BY number')
}

/** The numbers that have run, once it is sure that they are ours. */
function compare (migrations: readonly Migration[], applied: readonly Applied[]): Set<number> {
  for (const { number, sha256 } of applied) {
    const migration = migrations.find(candidate => candidate.number === number)
    if (migration === undefined) throw new Error(`the database is ahead of this program: it has migration ${number}`)
    if (fingerprint(migration) !== sha256) throw new Error(`migration ${migration.name} is not what ran in this database: old migrations never change`)
  }
  return new Set(applied.map(({ number }) => number))
}

async function wrongs (clickHouse: ClickHouse, migration: Migration): Promise<string[]> {
  const found: string[] = []
  for (const statement of statements(migration.check)) {
    for (const row of await clickHouse.rows<Record<string, unknown>>(statement)) found.push(Object.values(row).join(' '))
  }
  return found
}

async function record (clickHouse: ClickHouse, migration: Migration): Promise<void> {
  const { number, name } = migration
  await clickHouse.command(
    'INSERT INTO migrations (number, name, sha256) SELECT {number:UInt32}, {name:String}, {sha256:String}',
    { number, name, sha256: fingerprint(migration) }
  )
}

/** G4: the same text for one server and for many. */
export function forCluster (sql: string, cluster: string | null): string {
  const onCluster = cluster === null ? '' : `ON CLUSTER '${cluster.replaceAll(/['\\]/g, '\\$&')}'`
  return sql.replaceAll('{on_cluster}', onCluster).replaceAll('{replicated}', cluster === null ? '' : 'Replicated')
}
