// The demo role: node pipelines/demo/main.ts

import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Counter } from 'prom-client'
import { z } from 'zod'
import type { HolderId } from '../../schemas/units.ts'
import { consumptionKeyFile, supplierFile } from '../market.ts'
import { openContext, type Context } from '../process/context.ts'
import { runRoles, type Role } from '../process/run-roles.ts'
import { chanceOf } from './chance.ts'
import { Client } from './client.ts'
import { FairValue } from './fair-value.ts'
import { consumptionKeyOf, demoSecret, seedOf, signerOf } from './keys.ts'
import { cancelLeftovers } from './leftovers.ts'
import { Participant } from './participant.ts'
import { consumers, people, reader, serving, traded, visitor, type HabitName } from './people.ts'
import { Reader } from './reader.ts'
import { recordedDistances } from './recording.ts'
import { register, topUp, type Keys } from './registration.ts'
import { announce, writeEdge } from './serving.ts'
import { Traffic } from './traffic.ts'
import { otherSeats, quotingSeats, Turns } from './turns.ts'

const settings = z.object({
  DEMO_RATE: z.coerce.number().min(1).max(2000).default(30),
  DEMO_KEYS: z.string().default('.data/market/demo-keys.json'),
  DEMO_EDGES: z.string().default('').transform(list => list.split(',').filter(url => url !== '')),
  GATEWAY_URL: z.url().default('http://127.0.0.1:4040')
})

type Count = (habit: HabitName | 'reader', outcome: string, commands: number) => void

function counter ({ metrics }: Context): Count {
  const commands = new Counter({
    name: 'demo_commands_total',
    help: 'Commands that the demo has sent, by who sent them and what became of them.',
    labelNames: ['habit', 'outcome'],
    registers: [metrics]
  })
  return (habit, outcome, count) => { commands.inc({ habit, outcome }, count) }
}

type Joined = {
  readonly secret: Buffer
  readonly gateway: string
  /** Where edges will listen: as many suppliers serve. */
  readonly edges: readonly string[]
  /** For what others read. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly count: Count
}

const clientOf = ({ secret, gateway, signal }: Joined, { userId }: { readonly userId: HolderId }): Client =>
  new Client({ gateway, signer: signerOf(secret, userId), signal })

async function participantsOf (context: Context, joined: Joined): Promise<Participant[]> {
  return await Promise.all(people.map(async person => {
    const client = clientOf(joined, person)
    await isKnown(client)
    return new Participant({
      person, client, chance: chanceOf(randomInt(2 ** 32)), topUp: who => topUp(context, who), count: joined.count
    })
  }))
}

const symbols = traded.map(({ instrumentId }) => instrumentId)

/** Those who serve say where. */
async function announceEdges (joined: Joined): Promise<void> {
  const { secret, gateway, edges, folder } = joined
  await Promise.all(serving.slice(0, edges.length).map(async ({ userId }, index) => {
    const url = edges[index]!
    const endpoints = await announce({ client: clientOf(joined, { userId }), url, instruments: symbols })
    const seed = seedOf(secret, userId)
    await writeEdge(supplierFile(folder, index + 1), { url, gateway, supplier: userId, seed, endpoints })
  }))
}

/** The visitor's key is for whoever started the market; the reader asks by itself. */
async function readerOf (joined: Joined): Promise<Reader> {
  const { secret, gateway, folder, count } = joined
  await Promise.all(consumers.map(each => isKnown(clientOf(joined, each))))
  await writeFile(join(folder, consumptionKeyFile), `${consumptionKeyOf(secret, visitor.userId)}\n`, { mode: 0o600 })
  return new Reader({
    gateway,
    key: consumptionKeyOf(secret, reader.userId),
    models: symbols,
    chance: chanceOf(randomInt(2 ** 32)),
    count: outcome => { count('reader', outcome, 1) }
  })
}

/** On connections of its own, closed again: what it follows of the log is needed for a moment only. */
async function open ({ config, failed, logger }: Context, keys: Keys): Promise<void> {
  const alone = await openContext(config, 'demo-registration', failed)
  try {
    const opened = await register(alone, [...people, ...consumers], keys)
    if (opened.length === 0) return
    const left = await cancelLeftovers(alone, traded.map(({ index }) => index))
    logger.info(`${opened.length} people have accounts now; ${left} orders of an earlier release are cancelled`)
  } finally {
    await alone.log.close()
  }
}

const knownMsMax = 30_000
const pollMs = 200

/** The directory is read by gateways as it is written, but not at once. */
async function isKnown (client: Client): Promise<void> {
  const until = performance.now() + knownMsMax
  for (;;) {
    const { status, code } = await client.get('/v1/me')
    if (status === 200) return
    if (performance.now() > until) throw new Error(`the gateway does not know the demo's keys: ${code ?? status}`)
    await sleep(pollMs)
  }
}

function fairValues (): ReadonlyMap<number, FairValue> {
  const distances = recordedDistances()
  return new Map(traded.map(({ index, trading: { tickSize, referencePrice } }, place) => {
    const from = Math.floor(distances.length * place / traded.length)
    return [index, new FairValue({ tickSize, referencePrice, distances, from })]
  }))
}

const demo: Role = async context => {
  const stopping = new AbortController()
  const { DEMO_RATE: commandsASecond, DEMO_KEYS, DEMO_EDGES: edges, GATEWAY_URL: gateway } = settings.parse(process.env)
  const secret = await demoSecret(DEMO_KEYS)
  await open(context, { signer: user => signerOf(secret, user), consumption: user => consumptionKeyOf(secret, user) })
  const { signal } = stopping
  const joined = { secret, gateway, edges, folder: dirname(DEMO_KEYS), signal, count: counter(context) }
  const participants = await participantsOf(context, joined)
  await announceEdges(joined)
  const asking = await readerOf(joined)
  const turns = new Turns([...quotingSeats(people), ...otherSeats(people)], chanceOf(randomInt(2 ** 32)))
  const traffic = new Traffic({ participants, turns, values: fairValues(), commandsASecond, logger: context.logger })
  await traffic.start()
  if (edges.length > 0) asking.start()
  return async () => {
    await asking.stop()
    await traffic.stop()
  }
}

await runRoles(new Map([['demo', demo]]))
