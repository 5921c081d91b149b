// The supplier role: node gateway/edge/main.ts --help

import { once } from 'node:events'
import { endWithParent } from '../../pipelines/process/parent.ts'
import { logger } from '../log.ts'
import { startEdge } from './running.ts'
import { help, readSettings } from './settings.ts'

async function run (): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2))
  const asked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const running = await startEdge(settings, logger(settings.LOG_LEVEL))
  // Whoever started it, where that is a process that listens.
  process.send?.({ ready: 'edge' })
  await asked
  await running.close()
}

if (process.argv.includes('--help')) {
  process.stdout.write(help())
} else {
  endWithParent()
  await run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
    process.exit()
  })
}
