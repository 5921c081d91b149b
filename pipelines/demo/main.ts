// The demo role: node pipelines/demo/main.ts

import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Counter } from 'prom-client'
import { z } from 'zod'
import type { HolderId } from '../../schemas/units.ts'
import { openContext, type Context } from '../process/context.ts'
import { runRoles, type Role } from '../process/run-roles.ts'
import { chanceOf } from './chance.ts'
import { Client } from './client.ts'
import { FairValue } from './fair-value.ts'
import { demoSecret, signerOf, type Signer } from './keys.ts'
import { cancelLeftovers } from './leftovers.ts'
import { Participant } from './participant.ts'
import { people, traded, type HabitName } from './people.ts'
import { recordedDistances } from './recording.ts'
import { register, topUp } from './registration.ts'
import { Traffic } from './traffic.ts'
import { otherSeats, quotingSeats, Turns } from './turns.ts'

const settings = z.object({
  DEMO_RATE: z.coerce.number().min(1).max(2000).default(30),
  DEMO_KEYS: z.string().default('.data/market/demo-keys.json'),
  GATEWAY_URL: z.url().default('http://127.0.0.1:4040')
})

type Count = (habit: HabitName, outcome: string, commands: number) => void

function counter ({ metrics }: Context): Count {
  const commands = new Counter({
    name: 'demo_commands_total',
    help: 'Commands that the demo has sent, by who sent them and what became of them.',
    labelNames: ['habit', 'outcome'],
    registers: [metrics]
  })
  return (habit, outcome, count) => { commands.inc({ habit, outcome }, count) }
}

async function participantsOf (context: Context, signal: AbortSignal): Promise<Participant[]> {
  const { DEMO_KEYS, GATEWAY_URL } = settings.parse(process.env)
  const secret = await demoSecret(DEMO_KEYS)
  await open(context, user => signerOf(secret, user))
  const count = counter(context)
  return await Promise.all(people.map(async person => {
    const client = new Client({ gateway: GATEWAY_URL, signer: signerOf(secret, person.userId), signal })
    await isKnown(client)
    return new Participant({
      person, client, chance: chanceOf(randomInt(2 ** 32)), topUp: who => topUp(context, who), count
    })
  }))
}

/** On connections of its own, closed again: what it follows of the log is needed for a moment only. */
async function open ({ config, failed, logger }: Context, signer: (user: HolderId) => Signer): Promise<void> {
  const alone = await openContext(config, 'demo-registration', failed)
  try {
    const opened = await register(alone, people, signer)
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
  const participants = await participantsOf(context, stopping.signal)
  const turns = new Turns([...quotingSeats(people), ...otherSeats(people)], chanceOf(randomInt(2 ** 32)))
  const { DEMO_RATE: commandsASecond } = settings.parse(process.env)
  const traffic = new Traffic({ participants, turns, values: fairValues(), commandsASecond, logger: context.logger })
  await traffic.start()
  return () => traffic.stop()
}

await runRoles(new Map([['demo', demo]]))
