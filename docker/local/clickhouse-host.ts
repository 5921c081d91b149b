// The ClickHouse server's process: the engine's library, run as `clickhouse local` with the arguments given, until its
// standard input ends. Node does nothing here but load it; the call below blocks this thread until the engine returns.
//
// The launcher's death ends standard input too, and the engine then finishes what it is doing. A second thread makes
// sure that it does so in time.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Worker, isMainThread } from 'node:worker_threads'
import { once } from 'node:events'
import { DataType, load, open } from 'ffi-rs'
import { clickHouseLibraryName } from './clickhouse-library.ts'

const orphanLivesMs = 3000

if (isMainThread) {
  const watch = new Worker(import.meta.filename)
  await once(watch, 'online') // After this the main thread is not needed for the other to run.
  run(process.argv.slice(2))
  process.exit(0)
} else {
  const launcher = process.ppid
  setInterval(() => {
    if (process.ppid === launcher) return
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), orphanLivesMs)
  }, 200)
}

function run (args: string[]): void {
  const manifest = createRequire(import.meta.url).resolve(`${clickHouseLibraryName()}/package.json`)
  open({ library: 'chdb', path: join(dirname(manifest), 'libchdb.so') })
  const argv = ['clickhouse', ...args]
  load({
    library: 'chdb',
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [argv.length, argv]
  })
}
