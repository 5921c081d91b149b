import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished, expect, test, vi } from 'vitest'
import { Supervisor, type ProcessSpec, type SupervisorEvent } from '../../../pipelines/supervisor/supervisor.ts'
import { stillRunning, running } from '../../support/processes.ts'
import { temporaryDir } from '../../support/stack.ts'

type Kept = { supervisor: Supervisor, events: SupervisorEvent[], evicted: string[], logDir: string }

async function supervise (evict?: (group: string) => Promise<unknown>): Promise<Kept> {
  const events: SupervisorEvent[] = []
  const evicted: string[] = []
  const logDir = await temporaryDir()
  const supervisor = new Supervisor({
    env: process.env,
    logDir,
    evict: evict ?? (async (group, clientId) => Promise.resolve(evicted.push(`${group} ${clientId}`))),
    report: event => { events.push(event) },
    backoff: { firstMs: 5, longestMs: 10, healthyMs: 60_000 },
    graceMs: 300
  })
  onTestFinished(() => supervisor.stop())
  return { supervisor, events, evicted, logDir }
}

/** A child that runs a script. */
const child = (name: string, script: string, roles = [name]): ProcessSpec =>
  ({ name, args: ['-e', script], roles, groups: [`${name}-group`] })

const ready = (...roles: string[]): string => roles.map(role => `process.send({ ready: '${role}' });`).join('')
const live = 'setInterval(() => {}, 1000);'

test('a child that is killed is started again, and the dead run is evicted', async () => {
  const { supervisor, events, evicted } = await supervise()
  const script = `console.log('as ' + process.env.MARKET_CLIENT_ID); ${ready('one', 'two')} ${live}`
  await supervisor.start(child('worker', script, ['one', 'two']))
  const first = supervisor.pid('worker')
  expect(await supervisor.kill('worker')).toBeGreaterThan(0)
  expect(supervisor.pid('worker')).not.toBe(first)
  await supervisor.kill('worker')
  expect(events.map(({ kind }) => kind)).toEqual(['died', 'live', 'died', 'live'])
  expect(events[0]).toMatchObject({ name: 'worker', exit: { signal: 'SIGKILL', stopped: undefined }, againInMs: 5 })
  expect(evicted).toHaveLength(2)
  expect(new Set(evicted).size).toBe(2)
  expect(evicted[0]).toMatch(/^worker-group worker-[0-9a-f]+$/)
})

test('a child that gives a reason for its stop is quoted, with where its log is', async () => {
  const { supervisor, events, logDir } = await supervise()
  const stops = "setTimeout(() => process.send({ stopped: 'the log was trimmed' }, () => process.exit(1)), 20)"
  await supervisor.start(child('worker', `${ready('worker')} console.error('before the end'); ${stops}`))
  await vi.waitUntil(() => events.length > 0)
  const logFile = join(logDir, 'worker.log')
  expect(events[0]).toMatchObject({ kind: 'died', exit: { status: 1, stopped: 'the log was trimmed' }, logFile })
  expect(await readFile(logFile, 'utf8')).toContain('before the end')
})

test('a start that fails says why, and is not repeated', async () => {
  const { supervisor, events } = await supervise()
  const broken = supervisor.start(child('broken', "console.error('no such server'); process.exit(3)"))
  await expect(broken).rejects.toThrow(/^broken ended with status 3\. Its last lines:\n {4}no such server\n.*broken\.log$/)
  const silent = supervisor.start(child('silent', live), 100)
  await expect(silent).rejects.toThrow(/^silent was not ready within 0\.1 s\. It wrote nothing/)
  expect(events).toEqual([])
})

test('an eviction that fails is told, and the child is started all the same', async () => {
  const { supervisor, events } = await supervise(() => Promise.reject(new Error('no broker')))
  await supervisor.start(child('worker', ready('worker') + live))
  await supervisor.kill('worker')
  expect(events.map(({ kind }) => kind).sort()).toEqual(['died', 'live', 'not-evicted'])
})

test('an eviction that hangs keeps nobody from starting', async () => {
  const { supervisor } = await supervise(() => new Promise(() => {}))
  await supervisor.start(child('worker', ready('worker') + live))
  expect(await supervisor.kill('worker')).toBeGreaterThan(0)
})

test('stopping asks first, then makes them; none is started again', async () => {
  const { supervisor, events } = await supervise()
  const polite = `process.on('SIGTERM', () => { console.log('asked'); process.exit(0) }); ${ready('polite')} ${live}`
  await Promise.all([
    supervisor.start(child('polite', polite)),
    supervisor.start(child('deaf', `process.on('SIGTERM', () => {}); ${ready('deaf')} ${live}`))
  ])
  const pids = ['polite', 'deaf'].map(name => supervisor.pid(name)!)
  const children = (await running()).filter(({ pid }) => pids.includes(pid))
  expect(children).toHaveLength(2)
  await supervisor.stop()
  expect(await stillRunning(children)).toEqual([])
  expect(events).toEqual([])
  await expect(supervisor.start(child('late', live))).rejects.toThrow()
})

test('clients of the others end before them', async () => {
  const { supervisor, logDir } = await supervise()
  const file = join(logDir, 'ends')
  const noting = (name: string): string => `process.on('SIGTERM', () => {
    setTimeout(() => { require('node:fs').appendFileSync('${file}', '${name} '); process.exit(0) }, ${name === 'client' ? 50 : 0})
  }); ${ready(name)} ${live}`
  await supervisor.start(child('server', noting('server')))
  await supervisor.start({ ...child('client', noting('client')), endsFirst: true })
  await supervisor.stop()
  expect(await readFile(file, 'utf8')).toBe('client server ')
})

test('a child that ends by itself is run to its end', async () => {
  const { supervisor, logDir } = await supervise()
  await supervisor.runToEnd(child('once', "console.log('done')"))
  expect(await readFile(join(logDir, 'once.log'), 'utf8')).toBe('done\n')
  await expect(supervisor.runToEnd(child('never', "throw new Error('not well')"))).rejects.toThrow(/not well/)
})
