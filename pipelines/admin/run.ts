// One command of an operator, from its words to its exit status.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { environmentFile } from '../market.ts'
import { openContext, openParts, type Context, type Parts } from '../process/context.ts'
import { readConfig } from '../runtime/config.ts'

/** What a command has to say: for people, and as one value. */
export type Said = { readonly text: string, readonly json: unknown, readonly failed?: boolean }

export type Run = {
  /** With a market that is there. `isLong`: it takes as long as it takes. */
  with (work: (context: Context) => Promise<Said>, options?: { readonly isLong: boolean }): Promise<void>
  /** With servers that have no market yet, not even its schemas. */
  without (work: (parts: Parts) => Promise<Said>): Promise<void>
}

type Globals = { readonly data: string, readonly json: boolean }

const answerMsMax = 120_000

// Without addresses in the environment, those of the market that runs on this machine.
function findMarket ({ data }: Globals): void {
  const file = join(data, environmentFile)
  if (process.env['KAFKA_BROKERS'] === undefined && existsSync(file)) process.loadEnvFile(file)
}

const quiet = () => ({ ...readConfig(process.env), logLevel: 'silent' as const })

async function withMarket (work: (context: Context) => Promise<Said>): Promise<Said> {
  const failing = Promise.withResolvers<never>()
  failing.promise.catch(() => {}) // It is met in the race, if that is still on.
  const context = await openContext(quiet(), 'admin', failing.reject)
  try {
    return await Promise.race([work(context), failing.promise])
  } finally {
    await context.log.close()
  }
}

async function withoutMarket (work: (parts: Parts) => Promise<Said>): Promise<Said> {
  const parts = openParts(quiet(), 'admin')
  try {
    return await work(parts)
  } finally {
    await parts.log.close()
  }
}

// A broker that is away is waited for, for ever, by all that asks it; an operator would rather know.
async function unlessNothingAnswers<Result> (work: Promise<Result>): Promise<Result> {
  const answered = new AbortController()
  const giveUp = sleep(answerMsMax, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`Nothing has come of it in ${answerMsMax / 1000} s: see that the brokers and the registry answer.`)
  })
  giveUp.catch(() => {})
  try {
    return await Promise.race([work, giveUp])
  } finally {
    answered.abort()
  }
}

/** How commands of this program run. */
export function runner (program: Command): Run {
  const say = ({ text, json, failed = false }: Said): void => {
    console.log(program.opts<Globals>().json ? JSON.stringify(json, inWords, 2) : text)
    if (failed) process.exitCode = 1
  }
  return {
    async with (work, { isLong } = { isLong: false }) {
      findMarket(program.opts<Globals>())
      const said = withMarket(work)
      say(await (isLong ? said : unlessNothingAnswers(said)))
    },
    async without (work) {
      findMarket(program.opts<Globals>())
      say(await withoutMarket(work))
    }
  }
}

// Sums of many can pass what a number holds.
const inWords = (_name: string, value: unknown): unknown => typeof value === 'bigint' ? String(value) : value
