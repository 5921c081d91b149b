// A file of one's own: what it says is what is sent, and a line that says nothing is named before anything is sent.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { instantOf, type FlowMessage } from '../../../pipelines/replay/flow.ts'
import { readFlowFile } from '../../../pipelines/replay/flow-file.ts'
import { instruments, setParameters } from '../../../schemas/instruments.ts'
import { instant } from '../../../schemas/units.ts'
import { temporaryDir } from '../../support/stack.ts'
import { amendDefaults, cancelDefaults, orderDefaults } from '../../../schemas/matching/records.ts'

const header = 'time,action,order_id,side,price,quantity,time_in_force'
const parameters = setParameters(instruments[0]!)
const { instrumentId } = parameters
const now = instant(Date.UTC(2026, 0, 1))
const day = Date.UTC(2025, 0, 6)

async function flowOf (content: string | Buffer, limit?: number) {
  const path = join(await temporaryDir(), 'flow.csv')
  await writeFile(path, content)
  return await readFlowFile({ path, parameters, limit, now })
}

async function sent (content: string | Buffer, { from = 0, limit }: { from?: number, limit?: number } = {}) {
  const flow = await flowOf(content, limit)
  const messages: FlowMessage[] = []
  for await (const batch of flow.batches(from, 3)) messages.push(...batch)
  return messages
}

const lines = [
  header,
  '2025-01-06T09:30:00.250Z,place,0,sell,3.4200,10,',
  '1736155800250,place,7,buy,3.42,4,ioc',
  '2025-01-06T09:30:01Z,amend,0,,3.5,,',
  '2025-01-06T09:30:01Z,amend,0,,,3,',
  '2025-01-06T09:30:02.000Z,cancel,0,sell,9,9,fok'
]

test('each line is a command at its time', async () => {
  const half = day + 9.5 * 60 * 60 * 1000
  expect(await sent(lines.join('\n'))).toEqual([
    {
      sequence: 0,
      at: half + 250,
      command: {
        ...orderDefaults,
        kind: 'place-order',
        orderId: 1,
        holder: 1,
        owner: 1,
        instrumentId,
        side: 'sell',
        type: 'limit',
        timeInForce: 'gtc',
        postOnly: false,
        price: 3_420_000,
        quantity: 10,
        selfTradePrevention: 'cancel_newest'
      }
    },
    expect.objectContaining({ sequence: 1, at: half + 250, command: expect.objectContaining({ orderId: 8, side: 'buy', timeInForce: 'ioc' }) as unknown }),
    { sequence: 2, at: half + 1000, command: { ...amendDefaults, kind: 'amend-order', orderId: 1, holder: 1, instrumentId, price: 3_500_000, quantity: null, quantityIs: 'leaves' } },
    { sequence: 3, at: half + 1000, command: { ...amendDefaults, kind: 'amend-order', orderId: 1, holder: 1, instrumentId, price: null, quantity: 3, quantityIs: 'leaves' } },
    { sequence: 4, at: half + 2000, command: { ...cancelDefaults, kind: 'cancel-order', orderId: 1, holder: 1, instrumentId } }
  ])
})

test('gzipped, with a byte order mark, Windows ends of lines or an end after the last line it is the same', async () => {
  const expected = await sent(lines.join('\n'))
  expect(await sent(gzipSync(lines.join('\n')))).toEqual(expected)
  expect(await sent(`\uFEFF${lines.join('\r\n')}\r\n`)).toEqual(expected)
})

test('a long file is the same however it is cut, and can be taken up in its middle', async () => {
  const orders = Array.from({ length: 20_000 }, (_, id) => `${id},place,buy,1,${1 + id % 9}`)
  const content = ['order_id,action,side,price,quantity', ...orders].join('\n')
  const all = await sent(content)
  expect(all).toHaveLength(20_000)
  expect(all.every(({ sequence, at, command }) => at === instantOf(sequence) && 'orderId' in command && command.orderId === sequence + 1)).toBe(true)
  expect(await sent(content, { from: 12_345, limit: 12_350 })).toEqual(all.slice(12_345, 12_350))
})

test('a flow starts at a whole second and bears the name of its content', async () => {
  const flow = await flowOf(lines.join('\n'), 2)
  expect(flow.startsAt).toBe(day + 9.5 * 60 * 60 * 1000)
  expect(flow.messages).toBe(2)
  expect((await flowOf(lines.join('\n'))).name).toBe(flow.name)
  expect((await flowOf(lines.slice(0, -1).join('\n'))).name).not.toBe(flow.name)
})

const good = lines[1]!
const later = '2025-01-06T10:00:00.000Z'

test.each([
  [3, 'its time is before that of the line above', [header, `${later},cancel,1,,,,`, good]],
  [2, 'its time has not come yet', [header, '2026-01-01T00:00:00.001Z,cancel,1,,,,']],
  [2, 'time is like', [header, '2025-01-06 09:30:00,cancel,1,,,,']],
  [2, 'time is like', [header, ',cancel,1,,,,']],
  [2, 'time is like', [header, '1736155800,cancel,1,,,,']],
  [3, 'it has 3 columns, the header 7', [header, good, 'a,b,c']],
  [3, 'it has 1 columns, the header 7', [header, good, '', good]],
  [2, 'action is place, cancel, amend, not "Place"', [header, `${later},Place,1,buy,1,1,`]],
  [2, 'order_id is a whole number up to 9007199254740990, not "-1"', [header, `${later},place,-1,buy,1,1,`]],
  [2, 'order_id is a whole number up to 9007199254740990, not "9007199254740991"', [header, `${later},cancel,9007199254740991,,,,`]],
  [2, 'side is buy, sell, not ""', [header, `${later},place,1,,1,1,`]],
  [2, 'price is dollars with up to six decimals, not "1.2345678"', [header, `${later},place,1,buy,1.2345678,1,`]],
  [2, 'price is dollars with up to six decimals, not "1e3"', [header, `${later},place,1,buy,1e3,1,`]],
  [2, 'quantity is a whole number up to 999999999, not "1.5"', [header, `${later},place,1,buy,1,1.5,`]],
  [2, 'time_in_force is gtc, ioc, fok, not "day"', [header, `${later},place,1,buy,1,1,day`]],
  [2, 'an amend has a price, a quantity or both', [header, `${later},amend,1,,,,`]],
  [1, 'the header lacks the column price', ['action,order_id,side,quantity', 'cancel,1,,']],
  [1, 'the header names a column "colour"', ['action,order_id,side,price,quantity,colour', 'cancel,1,,,,']],
  [1, 'the header names the column side twice', ['action,order_id,side,price,quantity,side', 'cancel,1,,,,']],
  [1, 'no messages follow the header', [header]],
  [1, 'a line is longer than 10000 characters', ['x'.repeat(200_000)]]
])('line %i is named: %s', async (line, reason, content) => {
  await expect(flowOf(content.join('\n'))).rejects.toThrow(`flow.csv:${line}: ${reason}`)
})

test('a gzipped file that ends early is named, and so is one that is not there', async () => {
  const whole = gzipSync(lines.join('\n'))
  await expect(flowOf(whole.subarray(0, whole.length - 12))).rejects.toThrow(/flow\.csv:\d+: unexpected end of file/)
  await expect(readFlowFile({ path: '/nowhere/flow.csv', parameters, now })).rejects.toThrow('/nowhere/flow.csv:1: ENOENT')
})
