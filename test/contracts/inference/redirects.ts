// What clients make of a redirect to the same host, and of what can go wrong after it, against this gateway:
//
//   node test/contracts/inference/redirects.ts [--python] [--only NAME]
//
// npm puts axios into a temporary folder, pip Python's clients (with --python). A market in memory answers, a server in
// front of it spoils what comes on the second hop. The table it prints is the one in the README beside this file; where
// it differs from what is noted (redirects/noted.ts), that is said below it, and in the exit status.

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { simulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { benKey, smallConsumption } from '../../gateway/consumption/small-consumption.ts'
import { pythonIn } from './python/venv.ts'
import { nodeClients, pythonClients, type Client, type Form, type Outcome } from './redirects/clients.ts'
import { frontOf, type Front, type Mishap } from './redirects/front.ts'
import { columns, noted, type Row } from './redirects/noted.ts'

const { values } = parseArgs({ options: { python: { type: 'boolean', default: false }, only: { type: 'string' } } })

const folder = await mkdtemp(join(tmpdir(), 'market-redirects-'))
const upstream = await simulatedUpstream()
const small = await smallConsumption({ upstreams: [upstream.url] })
const front = await frontOf(small.url)

type Came = { readonly outcome: Outcome | null, readonly status: number }

async function tried (client: Client, form: Form, mishap: Mishap): Promise<Came> {
  front.begin(mishap)
  try {
    const outcome = await client.run({ url: front.url, key: benKey }, form)
    return { outcome, status: outcome.status }
  } catch (error) {
    const { status } = error as { readonly status?: unknown }
    return { outcome: null, status: typeof status === 'number' ? status : 0 }
  }
}

/** All that is left of a stream that ended too early is that its last event is missing. */
const isWhole = ({ outcome, status }: Came): boolean => status === 200 && outcome !== null && outcome.text !== '' &&
  (!outcome.text.startsWith('data:') || outcome.text.trimEnd().endsWith('[DONE]'))

function works (came: Came, { seen }: Front): string {
  if (came.status === 307) return came.outcome === null ? 'error 307' : '307'
  if (!isWhole(came)) return 'no'
  const [first, second] = seen
  const isSame = first !== undefined && second?.isSecond === true && second.method === 'POST' && second.body.equals(first.body)
  return isSame ? 'yes' : 'another body'
}

function authOf ({ seen }: Front): string {
  const auth = seen.find(({ isSecond }) => isSecond)?.auth
  if (auth === undefined) return '–'
  if (auth.length === 2) return 'both'
  return auth[0] === 'authorization' ? 'bearer' : auth[0] ?? 'none'
}

/** What it did after something went wrong on the second hop. */
function after (came: Came, { seen }: Front): string {
  const firsts = seen.filter(({ isSecond }) => !isSecond).length
  const seconds = seen.length - firsts
  if (isWhole(came)) return firsts > 1 ? 'retry' : seconds > 1 ? 'same ticket' : 'unharmed'
  if (firsts > 1 || seconds > 1) return 'retry, in vain'
  return came.status >= 400 ? 'none' : 'error'
}

const mishaps = ['reset', 408, 409, 503, 'cut'] as const

async function rowOf (client: Client): Promise<Row> {
  const json = works(await tried(client, 'json', null), front)
  const auth = authOf(front)
  const sse = works(await tried(client, 'sse', null), front)
  if (json !== 'yes') return [json, sse, auth, '–', '–', '–', '–', '–', '–']
  const row = [json, sse, auth]
  for (const mishap of mishaps) row.push(after(await tried(client, 'json', mishap), front))
  return [...row, after(await tried(client, 'sse', 'cut'), front)]
}

async function clients (): Promise<Client[]> {
  await promisify(execFile)('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', 'axios@1.21.1'])
  const all = [...await nodeClients(folder), ...(values.python ? pythonClients(await pythonIn(folder)) : [])]
  return all.filter(({ name }) => values.only === undefined || name.includes(values.only))
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

try {
  const differences: string[] = []
  console.log(line(['client', ...columns]))
  console.log(line(['client', ...columns].map(() => '---')))
  for (const client of await clients()) {
    const row = await rowOf(client)
    console.log(line([`${client.name} ${client.version}`.trim(), ...row]))
    noted[client.name]?.forEach((cell, index) => {
      if (cell !== row[index]) differences.push(`${client.name}, ${columns[index]!}: ${row[index]!}; noted: ${cell}`)
    })
  }
  console.log(differences.length === 0 ? '\nAs noted.' : `\nNot as noted:\n${differences.map(each => `- ${each}`).join('\n')}`)
  process.exitCode = differences.length === 0 ? 0 : 1
} finally {
  await front.close()
  await small.close()
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
}
