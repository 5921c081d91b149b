// The local ClickHouse server's configuration: what a container gets too, and what only this one needs.
//
// `default`, as which the engine runs its own boot query, has no password because the engine knows none. It may do only
// what booting needs, and gets one session, which the boot query holds for as long as the server runs.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivate } from './secrets.ts'

const shared = join(import.meta.dirname, '..', 'clickhouse')

/** Writes the configuration into a directory and returns the file to start from. */
export async function writeClickHouseConfig (dir: string): Promise<string> {
  const configFile = join(dir, 'config.xml')
  const usersFile = join(dir, 'users.xml')
  await writePrivate(join(dir, 'config.d', 'server.xml'), await readFile(join(shared, 'server.xml'), 'utf8'))
  await writePrivate(join(dir, 'users.d', 'users.xml'), await readFile(join(shared, 'users.xml'), 'utf8'))
  await writePrivate(usersFile, bootUser)
  await writePrivate(configFile, `<clickhouse>
  <users_config>${usersFile}</users_config>
  <log-level>warning</log-level>
</clickhouse>
`)
  return configFile
}

/** What users.xml reads from the server's environment. */
export function clickHouseSecrets ({ market, reader }: { market: string, reader: string }): Record<string, string> {
  return { MARKET_PASSWORD: market, READER_PASSWORD: reader, CLIENTS_FROM: '127.0.0.1' }
}

const bootUser = `<clickhouse>
  <profiles>
    <boot><max_sessions_for_user>1</max_sessions_for_user></boot>
    <default></default>
  </profiles>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>boot</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT CREATE TEMPORARY TABLE ON *.*</query>
        <query>GRANT READ ON FILE</query>
      </grants>
    </default>
  </users>
  <quotas><default></default></quotas>
</clickhouse>
`
