// Runs Schemathesis (PyPI) over every operation of the served description, against a whole market in memory:
//
//   pip install schemathesis                       once, in an environment of your own
//   node test/contracts/schemathesis.ts [-- options of its own, such as --max-examples=200]
//
// SCHEMATHESIS names the command, where it is not on the path. Any 5xx, any answer that is not as described, and
// anything that a signature should have kept out is a failure. It runs twice: on the description as it is served, with
// what is sound and what is not; and on one with values that are there, so that more than a look-up is reached.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { day } from './day.ts'
import { clientsOf, keysOf, peopled, served, sol } from './people.ts'
import { signed, signingProxy, signMe } from './signing-proxy.ts'

const market = await served(peopled())
const proxy = await signingProxy(market.address, keysOf(sol))
const folder = await mkdtemp(join(tmpdir(), 'schemathesis-'))

// A market that has lived: there are orders, trades and accounts to be found.
const { people } = clientsOf(market.address)
for (const [, run] of day) await run(people)

const prime = instrumentBySymbol('text-prime')!
const [account, cash] = await Promise.all(['/trading-accounts', '/currency-trading-accounts'].map(async path => {
  const { body } = await people.supplier.get(path)
  return (body as { data: Array<{ account_id: string }> }).data.at(-1)!.account_id
}))

/** Values that are there, for what a schema can only call a string: made up, none would ever be found. */
const found: ReadonlyArray<readonly [RegExp, readonly unknown[]]> = [
  [/^market-<uuid>/, ['text-prime', 'code-max', prime.marketId]],
  [/^instrument-<uuid>/, ['text-prime', prime.publicId]],
  [/^The symbol of an instrument/, ['text-prime', 'TEXT-MAX']],
  [/^The id of an account/, [account, cash, 'trading_account_0123456789abcdef']],
  [/^A user of the same owner/, ['user_21', 'user_22']],
  [/^Dollars a unit/, ['0.1009', '0.0950', 0.1, '0.10005']]
]

function narrowed (description: unknown): unknown {
  return JSON.parse(JSON.stringify(description), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('description' in value)) return value
    const { description, ...rest } = value
    const values = found.find(([pattern]) => typeof description === 'string' && pattern.test(description))?.[1]
    const isSchema = 'type' in rest || 'anyOf' in rest
    return values === undefined || !isSchema ? value : { description, enum: values }
  })
}

const common = [
  '--url', `${proxy.address}/v1`,
  ...signed.flatMap(name => ['--header', `${name}: ${signMe}`]),
  '--seed', '20260105',
  '--max-examples', '40',
  '--workers', '1',
  '--no-color',
  ...process.argv.slice(2).filter(argument => argument !== '--')
]
const config = ['--config-file', fileURLToPath(new URL('schemathesis.toml', import.meta.url))]

async function run (name: string, description: unknown, options: readonly string[]): Promise<number> {
  const file = join(folder, `${name}.json`)
  await writeFile(file, JSON.stringify(description))
  const command = process.env['SCHEMATHESIS'] ?? 'schemathesis'
  const child = spawn(command, [...config, 'run', file, ...common, ...options], { stdio: 'inherit', cwd: folder })
  const [code] = await once(child, 'exit') as [number | null]
  return code ?? 1
}

try {
  const description: unknown = await (await fetch(`${market.address}/openapi.json`)).json()
  const codes = [
    await run('as-served', description, []),
    await run('with-what-is-there', narrowed(description), ['--mode', 'positive'])
  ]
  process.exitCode = Math.max(...codes)
} finally {
  await proxy.close()
  await market.close()
  await rm(folder, { recursive: true, force: true })
}
