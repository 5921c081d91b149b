import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startPart, type Part, type PartSpec } from '../../../docker/local/part.ts'
import { ask } from '../../../docker/local/http.ts'
import { temporaryDir } from '../../support/stack.ts'

const serving = 'require("http").createServer((_, reply) => reply.end(String(process.pid))).listen(Number(process.argv[1]), "127.0.0.1")'

async function part (script: string, overrides: Partial<PartSpec> = {}): Promise<Part> {
  const started = await startPart({
    title: 'Example 1.0',
    logPath: join(await temporaryDir(), 'example.log'),
    portCount: 1,
    deadlineMs: 20_000,
    graceMs: 5000,
    command: async ([port]) => await Promise.resolve({ file: process.execPath, args: ['-e', script, String(port)], endsAt: 'sigterm' }),
    isReady: async ([port]) => (await ask(`http://127.0.0.1:${port}/`))?.status === 200,
    env: address => ({ EXAMPLE_URL: `http://${address}` }),
    ...overrides
  })
  onTestFinished(async () => await started.stop())
  return started
}

test('a part that ends before it serves is reported with its last lines', async () => {
  const failing = part('console.error("out of luck"); process.exit(7)')
  await expect(failing).rejects.toThrow(/^Example 1\.0 ended with status 7 before it served[^]*out of luck[^]*example\.log$/)
})

test('a part that never serves is given up at its deadline', async () => {
  const late = part('console.log("still thinking"); setInterval(() => {}, 1000)', { deadlineMs: 700 })
  await expect(late).rejects.toThrow(/did not serve within 0\.7 s[^]*still thinking/)
})

test('a port that was taken since it was probed is changed for another', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => { taken.close() })
  await once(taken, 'listening')
  const { port: busy } = taken.address() as { port: number }
  const asked: number[] = []
  const started = await part(serving, {
    command: async ([port]) => {
      const first = asked.push(port!) === 1
      return await Promise.resolve({ file: process.execPath, args: ['-e', serving, String(first ? busy : port)], endsAt: 'sigterm' })
    },
    isReady: async ([port]) => asked.length > 1 && (await ask(`http://127.0.0.1:${port}/`))?.status === 200
  })
  expect(asked).toHaveLength(2)
  expect(started.ports).toEqual([asked[1]])
})

test('what made a part end early is mended once, and it is started again', async () => {
  let isBroken = true
  const started = await part('', {
    command: async ([port]) => await Promise.resolve({
      file: process.execPath, args: ['-e', isBroken ? 'process.abort()' : serving, String(port)], endsAt: 'sigterm'
    }),
    mend: async () => {
      const was = isBroken
      isBroken = false
      return await Promise.resolve(was)
    }
  })
  expect(started.env).toEqual({ EXAMPLE_URL: `http://${started.address}` })
})

test('an end that nobody asked for is told, with its reason', async () => {
  const started = await part(serving)
  process.kill(started.pid, 'SIGKILL')
  expect((await started.failed).message).toMatch(/^Example 1\.0 ended by SIGKILL without having been told to/)
})

test('a killed part comes back on the same port', async () => {
  const started = await part(serving)
  const before = started.pid
  await started.kill()
  expect(await ask(started.env['EXAMPLE_URL']!)).toBeUndefined()
  await started.restart()
  expect(started.pid).not.toBe(before)
  expect((await ask(started.env['EXAMPLE_URL']!))?.status).toBe(200)
  process.kill(started.pid, 'SIGKILL')
  expect((await started.failed).message).toContain('ended by SIGKILL')
})

test('a start that is given up leaves nothing running', async () => {
  const stopping = new AbortController()
  const giveUp = part('setInterval(() => {}, 1000)', {
    signal: stopping.signal,
    isReady: async () => {
      stopping.abort(new Error('never mind'))
      return await Promise.resolve(false)
    }
  })
  await expect(giveUp).rejects.toThrow('never mind')
})
