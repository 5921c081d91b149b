// A market for a script: on a stack of its own, or where the environment says that there is one, and gone afterwards.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '../../../docker/local/stack.ts'
import { InferenceMarket } from '../../support/inference.ts'

export type OwnMarket = {
  readonly market: InferenceMarket
  readonly folder: string
  close (): Promise<void>
}

export async function ownMarket (instruments: readonly string[]): Promise<OwnMarket> {
  const folder = await mkdtemp(join(tmpdir(), 'market-contracts-'))
  const closing: (() => Promise<unknown>)[] = [async () => { await rm(folder, { recursive: true, force: true }) }]
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    const progress = (line: string): void => { console.error(line) }
    const stack = await startStack({ dataDir: join(folder, 'stack'), environment: process.env, progress })
    closing.push(() => stack.stop())
    const prefix = `c${randomBytes(5).toString('hex')}.`
    const env = { ...stack.env, TOPIC_PREFIX: prefix, LOG_LEVEL: 'warn' }
    const failed = (error: Error): void => { throw error }
    const market = await InferenceMarket.start({ env, dir: folder, instruments, failed })
    closing.push(() => market.close())
    return { market, folder, close }
  } catch (error) {
    await close()
    throw error
  }
}
