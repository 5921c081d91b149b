// One run of a program: its task, the script of the model behind it, and what must have come of it.

import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeadEnd, Exchange, Front } from './front.ts'
import { run, type Outcome, type Program, type Task } from './program.ts'
import type { Body, ScriptedModel, Turn } from './scripted-model.ts'

export type Site = {
  readonly folder: string
  readonly key: string
  readonly model: ScriptedModel
  readonly front: Front
  readonly deadEnd: DeadEnd
}

export type Wanted = Pick<Task, 'model' | 'delivery'> & { readonly program: Program, readonly command: string }

export type Report = {
  readonly outcome: Outcome
  readonly exchanges: readonly Exchange[]
  /** Bodies as they reached the model server. */
  readonly bodies: readonly Body[]
  readonly faults: readonly string[]
}

const prompt = 'Copy the word in word.txt to copy.txt, look at the copy, and tell me the word.'
const steps = 3
const thought = (step: number): string => `Step ${step} is next.`
const wordIn = (text: string | undefined): string => /word-[0-9a-f]{12}/.exec(text ?? '')?.[0] ?? 'unknown'

/** What the model says knows nothing but what the tools told it. */
function scriptOf (program: Program, { dir }: Task): ScriptedModel['script'] {
  return (heard): Turn => {
    const { results } = heard
    const step = results.length
    if (step >= steps) return { thought: thought(step), text: `The word is ${wordIn(results[steps - 1])}.`, call: null }
    const call = program.call(step, heard, { dir, word: wordIn(results[0]) })
    return { thought: thought(step), text: `Now step ${step}.`, call }
  }
}

function bodyFaults (bodies: readonly Body[]): string[] {
  const last = bodies.findLast(({ messages }) => messages.filter(({ role }) => role === 'tool').length === steps)
  if (last === undefined) return ['the model server never read three results']
  if (bodies.length !== steps + 1) return [`the model server was asked ${bodies.length} times`]
  const brought = last.messages.filter(({ role }) => role === 'assistant').map(message => message.reasoning_content)
  const expected = Array.from({ length: steps }, (_, step) => thought(step))
  return JSON.stringify(brought) === JSON.stringify(expected) ? [] : [`reasoning came back as ${JSON.stringify(brought)}`]
}

const exchangeFaults = (exchanges: readonly Exchange[]): string[] => exchanges
  .filter(({ status }) => status !== 200 && status !== 307)
  .map(({ asked, status, answer }) => `${asked}: ${status} ${answer.slice(0, 400)}`)

async function taskOf ({ folder, key, front }: Site, { model, delivery }: Wanted, text: string): Promise<Task> {
  const place = await mkdtemp(join(folder, 'run-'))
  const [dir, home] = [join(place, 'work'), join(place, 'home')]
  await Promise.all([mkdir(dir), mkdir(home)])
  return { dir, home, url: front.url, key, delivery, model, prompt: text }
}

type Told = { readonly outcome: Outcome, readonly task: Task, readonly word: string, readonly program: Program }

async function resultFaults ({ outcome, task, word, program }: Told): Promise<string[]> {
  const { status, stdout, stderr } = outcome
  if (status !== 0) return [`it ended with ${status}: ${stdout.slice(-1000)} ${stderr.slice(-1000)}`]
  const copy = await readFile(join(task.dir, 'copy.txt'), 'utf8').catch(String)
  const said = program.finalText(stdout)
  return [
    ...copy.trim() === word ? [] : [`copy.txt has ${copy}`],
    ...said === `The word is ${word}.` ? [] : [`it said: ${said}`]
  ]
}

/** What was seen since it was called last. */
const taken = <Item>(items: Item[]): Item[] => items.splice(0)

const wayFaults = ({ deadEnd }: Site): string[] => taken(deadEnd.wanted).map(host => `it wanted to reach ${host}`)

export async function performed (site: Site, wanted: Wanted): Promise<Report> {
  const { program, command } = wanted
  const before = site.model.answered.length
  const task = await taskOf(site, wanted, prompt)
  const word = `word-${randomBytes(6).toString('hex')}`
  await writeFile(join(task.dir, 'word.txt'), `${word}\n`)
  site.model.script = scriptOf(program, task)
  const outcome = await run(command, await program.launch(task), { ...task, proxy: site.deadEnd.url })
  const exchanges = taken(site.front.seen)
  const bodies = site.model.answered.slice(before).map(({ body }) => body)
  const faults = [
    ...await resultFaults({ outcome, task, word, program }),
    ...exchangeFaults(exchanges),
    ...bodyFaults(bodies),
    ...wayFaults(site)
  ]
  return { outcome, exchanges, bodies, faults }
}

export async function askedAside (site: Site, wanted: Wanted, aside: NonNullable<Program['aside']>): Promise<Report> {
  const task = await taskOf(site, wanted, aside.prompt)
  const outcome = await run(wanted.command, await wanted.program.launch(task), { ...task, proxy: site.deadEnd.url })
  const exchanges = taken(site.front.seen)
  const faults = [
    ...outcome.status === 0 ? [] : [`it ended with ${outcome.status}: ${outcome.stderr}`],
    ...exchangeFaults(exchanges),
    ...exchanges.some(({ asked }) => asked === aside.asks) ? [] : [`it never asked ${aside.asks}`],
    ...wayFaults(site)
  ]
  return { outcome, exchanges, bodies: [], faults }
}
