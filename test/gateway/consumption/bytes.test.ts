// The way of the bytes through the engine: unbuffered, cut anywhere, at the reader's pace, in bounded memory.

import { afterEach, describe, expect, test } from 'vitest'
import { simulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { answerOf, content, done, finish, role, scriptedUpstream, streamHead, usage, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, connect, paths, type SurfaceName } from './asking.ts'
import { smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

const opened: { close (): Promise<void> }[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function market (url: string, options: Partial<SmallOptions> = {}): Promise<Small> {
  const small = await smallConsumption({ upstreams: [url], ...options })
  opened.push(small)
  return small
}

async function scripted (): Promise<{ upstream: ScriptedUpstream, small: Small }> {
  const upstream = await scriptedUpstream()
  opened.push(upstream)
  return { upstream, small: await market(upstream.url) }
}

const surfaces = Object.keys(paths) as SurfaceName[]
const words = ['España', ' 東京', ' über', ' мир', ' 🙂🙂', ' café']

describe.each(surfaces)('on %s', surface => {
  test('each word is with the client before the next one is made', async () => {
    const { upstream, small } = await scripted()
    const { answered } = connect(small.url, { surface, fields: { stream: true } })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).write(role + content('first'))
    const { reading } = await answered
    const arrived = async (word: string): Promise<void> => {
      for (let text = ''; !text.includes(word); text += await reading.next());
    }
    await arrived('first')
    for (const word of words) {
      response.write(content(word))
      await arrived(word.trim())
    }
    response.end(finish + usage({ input: 9, output: 6 }) + done)
    expect(await reading.rest()).toContain(surface === 'chat' ? '[DONE]' : surface === 'messages' ? 'message_stop' : 'response.completed')
  })

  test('bytes in pieces of one to seven come to the same as in one', async () => {
    const { upstream, small } = await scripted()
    const bytes = Buffer.from(answerOf(words, { input: 9, output: 6 }))
    const answers: string[] = []
    for (const length of [bytes.length, 1, 2, 3, 4, 5, 6, 7]) {
      const answering = ask(small.url, { surface, fields: { stream: true } })
      const { response } = await upstream.next()
      response.writeHead(200, streamHead)
      for (let at = 0; at < bytes.length; at += length) {
        response.write(bytes.subarray(at, at + length))
        if (at % 50 < length) await new Promise(resolve => { setImmediate(resolve) })
      }
      response.end()
      const { text } = await answering
      // Ids and times are each answer's own.
      answers.push(text.replaceAll(/(req|resp|msg|rs|fc)_[\w-]+|"(created|created_at|completed_at)":\d+/g, 'own'))
    }
    expect(new Set(answers).size).toBe(1)
    for (const word of words) expect(answers[0]).toContain(word.trim())
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: answers.length * 15 })
  })
})

describe('much', () => {
  const mib = 1024 * 1024
  const behaviour = { output_bytes: 100 * mib }

  test('100 MiB pass in bounded memory', async () => {
    const upstream = await simulatedUpstream({ behaviour })
    opened.push(upstream)
    const small = await market(upstream.url)
    const { response } = await connect(small.url, { fields: { stream: true } }).answered
    let length = 0
    let most = 0
    response.removeAllListeners('data')
    const before = process.memoryUsage().rss
    for await (const part of response) {
      length += (part as Buffer).length
      most = Math.max(most, process.memoryUsage().rss)
    }
    expect(length).toBeGreaterThan(100 * mib)
    expect((most - before) / mib).toBeLessThan(250)
    await small.settled()
    expect(small.tokens().held).toBe(0)
    expect(small.reports).toMatchObject([{ outcome: 'completed' }])
  }, 60_000)

  test('a client that does not read holds its upstream back, and gets all of it later', async () => {
    const upstream = await scriptedUpstream()
    opened.push(upstream)
    const small = await market(upstream.url)
    const { answered } = connect(small.url, { fields: { stream: true } })
    const { response: out } = await upstream.next()
    out.writeHead(200, streamHead).write(role)
    const { response: client } = await answered
    client.removeAllListeners('data')
    client.pause()
    const line = content('x'.repeat(65_536))
    let written = 0
    // Until nothing has moved for many turns of the loop: sockets are full from end to end.
    for (let still = 0; still < 300; still++) {
      if (!out.writableNeedDrain) {
        out.write(line)
        written += line.length
        still = 0
      }
      await new Promise(resolve => { setImmediate(resolve) })
      expect(written).toBeLessThan(64 * mib)
    }
    // The process holds hardly more than one read of it, whatever the sockets hold.
    const lines = written / line.length
    out.end(finish + usage({ input: 9, output: 1 }) + done)
    let length = 0
    for await (const part of client) length += (part as Buffer).length
    expect(length).toBeGreaterThan(lines * 65_536)
  }, 60_000)
})
