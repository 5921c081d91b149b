// An edge and a made-up model server behind it, in one process: what `npm start` runs for suppliers of its demo.
// Settings are those of an edge (main.ts), but for where the model server is; SIMULATE says how that one behaves.

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithParent } from '../../pipelines/process/parent.ts'
import { logger } from '../log.ts'
import { startEdge } from './running.ts'
import { readSettings } from './settings.ts'
import { behaviour, behaviourIn } from './simulated/behaviour.ts'
import { simulatedUpstream } from './simulated/upstream.ts'

const secondMs = 1000

/** As somebody reads, more or less. */
const usual = behaviour.parse({ first_token_ms: 100, tokens_per_second: 80, output_tokens: 40 })

async function run (): Promise<void> {
  const { SIMULATE = '{}', UPSTREAM_MODEL = 'simulated-1' } = process.env
  const upstream = await simulatedUpstream({ models: [UPSTREAM_MODEL], behaviour: behaviourIn(SIMULATE, usual) })
  const settings = readSettings({ ...process.env, UPSTREAM_URL: upstream.url, UPSTREAM_MODEL }, process.argv.slice(2))
  const asked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const running = await startEdge(settings, logger(settings.LOG_LEVEL))
  // Tickets of the second in which it began are refused; whoever hears that it is ready asks in the next one.
  await sleep(secondMs - Date.now() % secondMs)
  process.send?.({ ready: 'edge' })
  await asked
  await running.close()
  await upstream.close()
}

endWithParent()
await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
