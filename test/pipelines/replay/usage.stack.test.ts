// Recorded requests through the market as a person replays them, on the real stack.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { readTrace } from '../../../pipelines/replay/usage-trace.ts'
import { stackEnv } from '../../support/stack.ts'

test('the beginning of a trace is captured token by token, and told alike three times', async () => {
  const child = spawn(process.execPath, ['pipelines/replay/main.ts', ...'--usage mooncake --limit 30 --consumers 5 --json'.split(' ')], {
    env: { ...process.env, ...stackEnv() }, stdio: ['ignore', 'pipe', 'pipe']
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  expect({ status: child.exitCode, err }).toMatchObject({ status: 0 })
  const { inputTokens, outputTokens } = await readTrace('mooncake', 30)
  expect(out).toContain('all is as it must be')
  const drawn = String(inputTokens + outputTokens)
  expect(JSON.parse(out.trim().split('\n').at(-1)!)).toMatchObject({
    trace: 'mooncake',
    requests: 30,
    captured: 30,
    inputTokens,
    outputTokens,
    tokens: { drawn, expired: '0', regranted: '0' },
    inReplica: { drawn },
    inClickHouse: { captured: 30, drawn },
    unbilled: 0,
    deadLetters: 0,
    accounts: 9,
    ok: true
  })
}, 120_000)
