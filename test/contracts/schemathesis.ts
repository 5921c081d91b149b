// Runs Schemathesis (PyPI) over every operation of the served description, against a whole market in memory:
//
//   pip install schemathesis                       once, in an environment of your own
//   node test/contracts/schemathesis.ts [-- options of its own, such as --max-examples=200]
//
// SCHEMATHESIS names the command, where it is not on the path. Any 5xx, any answer that is not as described, and
// anything that a signature should have kept out is a failure. It runs twice: on the description as it is served, with
// what is sound and what is not; and on one with values that are there, so that more than a look-up is reached.

import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { day } from './day.ts'
import { clientsOf, keysOf, peopled, served, sol } from './people.ts'
import { narrowed, schemathesis, type Found } from './schemathesis-run.ts'
import { signed, signingProxy, signMe } from './signing-proxy.ts'

const market = await served(peopled())
const proxy = await signingProxy(market.address, keysOf(sol))

// A market that has lived: there are orders, trades and accounts to be found.
const { people } = clientsOf(market.address)
for (const [, run] of day) await run(people)

const prime = instrumentBySymbol('text-prime')!
const [account, cash] = await Promise.all(['/trading-accounts', '/currency-trading-accounts'].map(async path => {
  const { body } = await people.supplier.get(path)
  return (body as { data: Array<{ account_id: string }> }).data.at(-1)!.account_id
}))

const found: Found = [
  [/^market-<uuid>/, ['text-prime', 'code-max', prime.marketId]],
  [/^instrument-<uuid>/, ['text-prime', prime.publicId]],
  [/^The symbol of an instrument/, ['text-prime', 'TEXT-MAX']],
  [/^The id of an account/, [account, cash, 'trading_account_0123456789abcdef']],
  [/^A user of the same owner/, ['user_21', 'user_22']],
  [/^Dollars a unit/, ['0.1009', '0.0950', 0.1, '0.10005']]
]

try {
  const description: unknown = await (await fetch(`${market.address}/openapi.json`)).json()
  const headers = Object.fromEntries(signed.map(name => [name, signMe]))
  const common = { url: `${proxy.address}/v1`, headers }
  const codes = [
    await schemathesis({ ...common, description }),
    await schemathesis({ ...common, description: narrowed(description, found), options: ['--mode', 'positive'] })
  ]
  process.exitCode = Math.max(...codes)
} finally {
  await proxy.close()
  await market.close()
}
