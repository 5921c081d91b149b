// Codex and Claude Code, as they are published, do a task of three calls of tools on a whole market:
//
//   node test/contracts/agents/main.ts [--codex] [--claude] [--delivery direct,…] [--record FOLDER]
//
// npm puts them into a temporary folder; Kafka, the registry and ClickHouse are started here, unless the environment
// says where they are. The exit status says whether all went well.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startStack } from '../../../docker/local/stack.ts'
import { delivery } from '../../../schemas/identity/records.ts'
import { instrumentId } from '../../../schemas/units.ts'
import { InferenceMarket } from '../../support/inference.ts'
import { capturesOf, summaryOf } from '../inference/captures.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { deadEnd, front } from './front.ts'
import { installed, type Program } from './program.ts'
import { askedAside, performed, type Report, type Site } from './runs.ts'
import { scriptedModel, type Answered } from './scripted-model.ts'

const { values } = parseArgs({
  options: {
    codex: { type: 'boolean', default: false },
    claude: { type: 'boolean', default: false },
    delivery: { type: 'string', default: delivery.join(',') },
    record: { type: 'string' }
  }
})

const chosen = [...values.codex ? [codex] : [], ...values.claude ? [claudeCode] : []]
const programs = chosen.length === 0 ? [codex, claudeCode] : chosen
const closing: (() => Promise<unknown>)[] = []
let faults = 0

async function tell (name: string, { outcome, exchanges, faults: found, ...report }: Report): Promise<void> {
  const asked = Object.entries(Object.groupBy(exchanges, ({ asked, status }) => `${status} ${asked}`))
  console.log(`${found.length === 0 ? 'ok  ' : 'FAIL'}  ${name}, ${outcome.ms} ms`)
  for (const [words, all] of asked) console.log(`        ${all!.length} × ${words}`)
  for (const fault of found) console.log(`      ! ${fault}`)
  faults += found.length
  if (values.record === undefined) return
  const file = join(values.record, `${name.replaceAll(/[^\w.-]+/g, '_')}.json`)
  await writeFile(file, JSON.stringify({ outcome, exchanges, ...report }, null, 2))
}

async function runs (site: Site, program: Program): Promise<void> {
  const command = await installed(join(site.folder, program.name), program)
  for (const mode of values.delivery.split(',')) {
    for (const model of program.models) {
      const name = `${program.name} ${program.version}, ${mode}, ${model ?? 'its own model'}`
      await tell(name, await performed(site, { program, command, model, delivery: mode }))
    }
  }
  const { aside } = program
  if (aside === null) return
  const wanted = { program, command, model: null, delivery: 'direct' }
  await tell(`${program.name} ${program.version}, ${aside.prompt}`, await askedAside(site, wanted, aside))
}

/** All that the model server answered was billed, each answer once, for what it said. */
async function billed ({ context, consumer }: InferenceMarket, answered: readonly Answered[]): Promise<void> {
  const tokens = answered.reduce((sum, { input, output }) => sum + input + output, 0)
  const expected = { answers: answered.length, requests: answered.length, tokens }
  // An edge's readings arrive when they do.
  for (let look = 0; ; look++) {
    const found = summaryOf(await capturesOf(context, consumer.holder))
    const isRight = JSON.stringify(found) === JSON.stringify(expected)
    if (!isRight && look < 50) {
      await sleep(200)
      continue
    }
    console.log(`${isRight ? 'ok  ' : 'FAIL'}  billed ${JSON.stringify(found)}, answered ${JSON.stringify(expected)}`)
    faults += isRight ? 0 : 1
    return
  }
}

async function opened<Opened extends { close (): Promise<unknown> }> (opening: Promise<Opened>): Promise<Opened> {
  const found = await opening
  closing.push(() => found.close())
  return found
}

async function all (): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'agents-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const stack = await startStack({ dataDir: join(folder, 'stack'), progress: line => console.error(line) })
  closing.push(() => stack.stop())
  const model = await opened(scriptedModel())
  const market = await opened(InferenceMarket.start({
    env: { ...stack.env, TOPIC_PREFIX: `agents${randomBytes(4).toString('hex')}.`, LOG_LEVEL: 'warn' },
    dir: folder,
    upstreamUrl: model.url,
    // So that they are served whatever they ask for.
    settings: { aliases: ['gpt-*', 'claude-*'].map(pattern => ({ pattern, instrumentId: instrumentId('text-prime') })) },
    failed: error => { throw error }
  }))
  const [before, nowhere] = [await opened(front(market.url)), await opened(deadEnd())]
  const site = { folder, key: market.key, model, front: before, deadEnd: nowhere }
  for (const program of programs) await runs(site, program)
  await billed(market, model.answered)
}

try {
  await all()
} finally {
  for (const close of closing.reverse()) await close()
}
process.exitCode = faults === 0 ? 0 : 1
