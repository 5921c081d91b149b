// The simulated upstream as a process: node gateway/edge/simulated/main.ts --help

import { parseArgs } from 'node:util'
import { behaviour, behaviourIn } from './behaviour.ts'
import { simulatedUpstream } from './upstream.ts'

const usage = `A simulated model server: it makes up its answers. Not for customers.

  --host HOST (127.0.0.1)   --port PORT (4060)   --model NAME (simulated-1; may be repeated)
  --key KEY     a bearer that requests must have
  --record      keeps the last 100 requests, for GET /requests

How it behaves, see the README beside it; also as SIMULATE='{"output_tokens": 100}':
  ${Object.keys(behaviour.shape).map(name => `--${name.replaceAll('_', '-')}`).join(' ')}
`

const named = Object.keys(behaviour.shape).map(name => [name.replaceAll('_', '-'), { type: 'string' }] as const)

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '4060' },
    model: { type: 'string', multiple: true, default: ['simulated-1'] },
    key: { type: 'string' },
    record: { type: 'boolean', default: false },
    ...Object.fromEntries(named)
  }
})

if (values.help === true) {
  process.stdout.write(usage)
} else {
  const given = Object.entries(values).filter(([name]) => named.some(([option]) => option === name))
  const said = Object.fromEntries(given.map(([name, value]) => [name.replaceAll('-', '_'), value]))
  const byEnvironment = behaviourIn(process.env['SIMULATE'] ?? '{}', behaviour.parse({}))
  const upstream = await simulatedUpstream({
    host: values.host,
    port: Number(values.port),
    models: values.model,
    key: values.key ?? null,
    isRecording: values.record,
    behaviour: behaviourIn(JSON.stringify(said), byEnvironment)
  })
  process.stdout.write(`the simulated upstream listens on ${upstream.url}\n`)
  const stop = (): void => {
    upstream.close().catch((error: unknown) => { throw error })
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}
