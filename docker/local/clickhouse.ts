// The ClickHouse server without a container: the engine's library from npm, served over HTTP by a child process.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { clickHouseSecrets, writeClickHouseConfig } from './clickhouse-config.ts'
import { clickHouseLibraryName, hasClickHouseLibrary } from './clickhouse-library.ts'
import { ask } from './http.ts'
import { startPart, type Part } from './part.ts'
import { passwords } from './secrets.ts'
import { versions } from './versions.ts'
import { waysOut } from './ways-out.ts'

export type ClickHouseOptions = { dataDir: string, logDir: string, signal?: AbortSignal | undefined }

const database = 'market'

/** Starts ClickHouse on a directory, made at the first start, and waits until it has the database `market`. */
export async function startClickHouse ({ dataDir, logDir, signal }: ClickHouseOptions): Promise<Part> {
  if (!hasClickHouseLibrary()) throw new Error(missingLibrary())
  const secrets = await passwords(dataDir, ['market', 'reader'])
  const tables = join(dataDir, 'tables')
  await mkdir(tables, { recursive: true, mode: 0o700 })
  const configFile = await writeClickHouseConfig(dataDir)
  const headers = { 'X-ClickHouse-User': 'market', 'X-ClickHouse-Key': secrets.market }
  return await startPart({
    title: `ClickHouse ${versions.clickHouse}`,
    logPath: join(logDir, 'clickhouse.log'),
    portCount: 1,
    deadlineMs: 60_000,
    graceMs: 8000,
    signal,
    command: async ports => await Promise.resolve({
      file: process.execPath,
      args: [host, ...serverArguments({ tables, configFile, port: ports[0]! })],
      env: { ...hostEnvironment(), ...clickHouseSecrets(secrets) },
      cwd: dataDir,
      endsAt: 'end-of-stdin'
    }),
    isReady: async ports => {
      const made = await ask(`http://127.0.0.1:${ports[0]!}/`, { method: 'POST', headers, body: `CREATE DATABASE IF NOT EXISTS ${database}` })
      return made?.status === 200
    },
    env: address => ({
      CLICKHOUSE_URL: `http://${address}`,
      CLICKHOUSE_USERNAME: 'market',
      CLICKHOUSE_PASSWORD: secrets.market,
      CLICKHOUSE_DATABASE: database,
      CLICKHOUSE_READER_USERNAME: 'reader',
      CLICKHOUSE_READER_PASSWORD: secrets.reader
    })
  })
}

const host = join(import.meta.dirname, 'clickhouse-host.ts')

type ServerPlace = { tables: string, configFile: string, port: number }

/** Reading all of standard input is how the boot query lasts until the launcher closes it. */
function serverArguments ({ tables, configFile, port }: ServerPlace): string[] {
  const waiting = "SELECT count() FROM file('stdin', 'LineAsString', 'line String') FORMAT Null"
  const listening = ['--listen_host=127.0.0.1', `--http_port=${port}`]
  return [`--path=${tables}`, `--config-file=${configFile}`, ...listening, '--query', `SYSTEM START LISTEN HTTP; ${waiting}`]
}

/** Options meant for the launcher's own Node, a debugger's port above all, are not meant for this one. */
function hostEnvironment (): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env
  return env
}

function missingLibrary (): string {
  return waysOut({
    problem: `ClickHouse can't be started here: the package ${clickHouseLibraryName()} is not installed.`,
    install: [
      `npm install --no-save ${clickHouseLibraryName()}@${versions.clickHouseLibrary}`,
      'It exists for Linux with glibc and for macOS, on x64 and arm64.'
    ],
    variables: ['CLICKHOUSE_URL', 'CLICKHOUSE_USERNAME', 'CLICKHOUSE_PASSWORD']
  })
}
