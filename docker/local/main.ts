// Only the stack, for working against it: `node docker/local/main.ts`.

import { parseArgs } from 'node:util'
import { startStack } from './stack.ts'

const usage = `Starts Kafka, the schema registry and ClickHouse on this machine and prints where they are, as lines to
paste into a shell. Ctrl-C stops them.

  node docker/local/main.ts [--data DIR] [--security none|sasl_tls]

  --data DIR   where they keep their data (default .data/market); the next start goes on from it
  --security   whether Kafka asks for a password and speaks TLS (default none)

A part is not started when its address is in the environment: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, CLICKHOUSE_URL.`

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.data/market' },
    security: { type: 'string', default: 'none' },
    help: { type: 'boolean', default: false }
  }
})

if (values.help) {
  console.log(usage)
} else {
  process.exitCode = await run(values.data, values.security)
}

async function run (dataDir: string, security: string): Promise<number> {
  if (security !== 'none' && security !== 'sasl_tls') {
    console.error(`--security is none or sasl_tls, not ${security}`)
    return 2
  }
  const stopping = new AbortController()
  const asked = Promise.withResolvers<undefined>()
  const ask = () => {
    if (stopping.signal.aborted) process.exit(130) // Asked twice: the parts die with this process.
    stopping.abort(new Error('Stopped before everything was ready.'))
    asked.resolve(undefined)
  }
  process.on('SIGINT', ask).on('SIGTERM', ask)
  try {
    const progress = (line: string) => console.error(line)
    const stack = await startStack({ dataDir, security, signal: stopping.signal, progress })
    for (const [name, value] of Object.entries(stack.env)) console.log(`export ${name}='${value}'`)
    const failure = await Promise.race([asked.promise, stack.failed])
    if (failure !== undefined) console.error(failure.message)
    await stack.stop()
    return failure === undefined ? 0 : 1
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}
