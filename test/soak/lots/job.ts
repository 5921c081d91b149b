// A process that runs the jobs of lots, at a time that it is told, sending in small batches with pauses in between, so
// that it can be killed in the middle: node test/soak/lots/job.ts NOW BATCH PAUSE_MS

import { setTimeout as sleep } from 'node:timers/promises'
import { connectClickHouse } from '../../../analytics/client.ts'
import { runLotJobs } from '../../../pipelines/jobs/run-lot-jobs.ts'
import { openContext } from '../../../pipelines/process/context.ts'
import { readConfig } from '../../../pipelines/runtime/config.ts'
import { instant } from '../../../schemas/units.ts'

// It ends with who started it.
process.stdin.on('end', () => process.exit()).resume()

const [now = 0, batch = 0, pauseMs = 0] = process.argv.slice(2).map(Number)
const context = await openContext(readConfig(process.env), 'jobs', error => { throw error as Error })

runLotJobs({
  ...context,
  log: {
    send: async records => {
      await context.log.send(records)
      await sleep(pauseMs)
    }
  },
  clickhouse: connectClickHouse(context.config.clickhouse),
  encode: value => context.binder.current.encode(value),
  now: () => instant(now),
  batchCommandsMax: batch
})
