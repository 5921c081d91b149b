// What suppliers of the demo tell the gateway, against a server that stands in for it.

import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../../gateway/edge/settings.ts'
import { Client } from '../../../pipelines/demo/client.ts'
import { consumptionKeyOf, seedOf, signerOf } from '../../../pipelines/demo/keys.ts'
import { announce, edgeEnvironment, writeEdge } from '../../../pipelines/demo/serving.ts'
import { supplierFile, supplierProcess } from '../../../pipelines/market.ts'
import { holderId } from '../../../schemas/units.ts'
import { temporaryDir } from '../../support/stack.ts'

const secret = Buffer.alloc(32, 7)
const supplier = holderId(900_001_001)
const url = 'http://127.0.0.1:4050'

type Answer = (asked: string) => [status: number, data: unknown]

async function clientOf (answer: Answer): Promise<{ client: Client, said: string[] }> {
  const said: string[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => { text += String(chunk) }).on('end', () => {
      const asked = `${request.method} ${request.url} ${text}`.trim()
      said.push(asked)
      const [status, data] = answer(asked)
      response.writeHead(status).end(status === 204 ? '' : JSON.stringify({ data }))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { client: new Client({ gateway, signer: signerOf(secret, supplier) }), said }
}

test('a supplier serves every instrument where its edge is, and nowhere else any more', async () => {
  const { client, said } = await clientOf(asked => {
    if (asked.startsWith('GET')) return [200, [{ id: 'old', url: 'http://127.0.0.1:9' }, { id: 'kept', url }]]
    return asked.startsWith('DELETE') ? [204, null] : [201, { id: `of ${/"instrument_id":"([\w-]+)"/.exec(asked)![1]}`, url }]
  })
  expect(await announce({ client, url, instruments: ['text-prime', 'code-max'] })).toEqual(['of text-prime', 'of code-max'])
  expect(said.filter(each => each.startsWith('DELETE'))).toEqual(['DELETE /v1/supplier-endpoints/old'])
  expect(said.filter(each => each.startsWith('POST')).sort()[1]).toBe('POST /v1/supplier-endpoints ' + JSON.stringify({
    instrument_id: 'text-prime', url, public_url: url, models: ['simulated-1'], in_flight_max: 64
  }))
})

test('a gateway that refuses it ends the start, with what it said', async () => {
  const { client } = await clientOf(asked => asked.startsWith('GET') ? [200, []] : [422, 'no'])
  await expect(announce({ client, url, instruments: ['text-prime'] })).rejects.toThrow('an endpoint of text-prime: the gateway answered 422')
})

test('what is written for an edge is what an edge reads, and nobody else does', async () => {
  const folder = await temporaryDir()
  const settings = { url, gateway: 'http://127.0.0.1:4040', supplier, seed: seedOf(secret, supplier), endpoints: ['a', 'b'] }
  await writeEdge(supplierFile(folder, 1), settings)
  expect((await stat(supplierFile(folder, 1))).mode & 0o777).toBe(0o600)
  const env = parseEnv(await readFile(supplierFile(folder, 1), 'utf8'))
  expect(env).toEqual(edgeEnvironment(settings))
  expect(readSettings({ ...env, UPSTREAM_URL: 'http://127.0.0.1:1' }, [])).toMatchObject({
    HOST: '127.0.0.1', PORT: 4050, SUPPLIER: supplier, SUPPLIER_SIGNING_KEY: settings.seed, ENDPOINT_ID: ['a', 'b']
  })
  const { args, env: own } = supplierProcess(folder, 1)
  expect(args[0]).toBe(`--env-file=${join(folder, 'supplier-1.env')}`)
  expect(own).toEqual({ SPOOL_DIR: join(folder, 'supplier-1-spool') })
})

test('a consumption key has the form of all, and is nobody else\'s', () => {
  const [one, other] = [consumptionKeyOf(secret, holderId(1)), consumptionKeyOf(secret, holderId(2))]
  expect(one).toMatch(/^[A-Za-z0-9+/]{43}$/)
  expect(one).not.toBe(other)
  expect(consumptionKeyOf(secret, holderId(1))).toBe(one)
})
