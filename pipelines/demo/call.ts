// One signed request from the command line: node pipelines/demo/call.ts METHOD PATH [BODY]

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { holderId } from '../../schemas/units.ts'
import { environmentFile } from '../market.ts'
import { Client, methods, type Method } from './client.ts'
import { readDemoSecret, Signer, signerOf } from './keys.ts'
import { people } from './people.ts'

/** Who signs where nobody is named: a reseller buys and sells. */
const somebody = people.find(({ habit }) => habit === 'reseller')!.userId

const usage = `Signs one request to the market that npm start runs here, and prints the reply.

  node pipelines/demo/call.ts [OPTIONS] METHOD PATH [BODY]

  METHOD       GET, POST, PUT or DELETE
  PATH         with its prefix and query, such as '/v1/orders?status=open'
  BODY         JSON, such as '{"market_id":"text-prime","side":"buy","type":"market","quantity":1}'
  --as USER    somebody of the demo, by number (default ${somebody}); their keys are in DIR
  --key TEXT   a key of your own instead: base64 of its 32 or 64 bytes, as \`npm run admin -- key create\` shows it;
               SIGNING_KEY in the environment does the same and stays out of the list of processes
  --data DIR   where the market keeps its data (default .data/market)

The exit status is 0 for a reply below 400.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    as: { type: 'string' },
    key: { type: 'string' },
    data: { type: 'string', default: '.data/market' },
    help: { type: 'boolean', short: 'h', default: false }
  }
})

const isMethod = (word: string): word is Method => (methods as readonly string[]).includes(word)

async function signer (): Promise<Signer> {
  const own = values.key ?? process.env['SIGNING_KEY']
  if (own !== undefined && values.as === undefined) return Signer.of(own)
  const user = values.as === undefined ? somebody : holderId(Number(values.as))
  return signerOf(await readDemoSecret(join(values.data, 'demo-keys.json')), user)
}

async function call (method: Method, path: string, text: string | undefined): Promise<void> {
  const file = join(values.data, environmentFile)
  if (existsSync(file)) process.loadEnvFile(file)
  const client = new Client({ gateway: process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:4040', signer: await signer() })
  const body = text === undefined ? undefined : JSON.parse(text) as object
  const { status, body: reply } = await client.ask({ method, path, body })
  console.error(status === 0 ? 'Nobody answered.' : `HTTP ${status}`)
  if (reply !== null) console.log(JSON.stringify(reply, null, 2))
  if (status === 0 || status >= 400) process.exitCode = 1
}

const [word = '', path, text] = positionals
const method = word.toUpperCase()
if (values.help) {
  console.log(usage)
} else if (!isMethod(method) || path?.startsWith('/') !== true) {
  console.error(usage)
  process.exitCode = 2
} else {
  try {
    await call(method, path, text)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
