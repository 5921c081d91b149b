// Whether a request is redirected, and where to: by header, else by the account, else by surface and host.

import { describe, expect, test } from 'vitest'
import { deliveryOf, type Asked } from '../../../gateway/consumption/hops.ts'
import { Fault } from '../../../gateway/surfaces/fault.ts'

const usual: Asked = {
  header: null,
  setting: null,
  surface: 'chat',
  host: 'market.example',
  isStream: true,
  isChunked: false,
  bytes: 1000,
  goesOn: false,
  hasApiKey: false
}
const large = 256 * 1024 + 1
const by = (asked: Partial<Asked>): string => deliveryOf({ ...usual, ...asked })

const table: readonly (readonly [string, Partial<Asked>, string])[] = [
  ['nothing was said', {}, 'redirect'],
  ['nothing was said on Responses', { surface: 'responses' }, 'redirect'],
  ['nothing was said on Messages', { surface: 'messages' }, 'direct'],
  ['the host is one for tools that follow no redirect', { host: 'messages.market.example' }, 'direct'],
  ['the account says direct', { setting: 'direct' }, 'direct'],
  ['the account says supplier', { setting: 'supplier' }, 'supplier'],
  ['the account says redirect, on Messages', { setting: 'redirect', surface: 'messages' }, 'redirect'],
  ['the header says otherwise than the account', { setting: 'direct', header: 'supplier' }, 'supplier'],
  ['the header is in capitals', { header: 'DIRECT' }, 'direct'],
  ['the length was not known', { isChunked: true }, 'direct'],
  ['the length was not known, and the account says supplier', { isChunked: true, setting: 'supplier' }, 'direct'],
  ['the length was not known, but a redirect was asked for', { isChunked: true, header: 'redirect' }, 'redirect'],
  ['it is large and streams on chat', { bytes: large }, 'redirect'],
  ['it is large and does not stream', { bytes: large, isStream: false }, 'direct'],
  ['it is just not large', { bytes: large - 1, isStream: false }, 'redirect'],
  ['it is large on Responses', { bytes: large, surface: 'responses' }, 'direct'],
  ['it is large, but a redirect was asked for', { bytes: large, isStream: false, header: 'redirect' }, 'redirect'],
  ['it goes on from what an edge does not have', { header: 'supplier', goesOn: true }, 'direct'],
  ['it goes on, on this host', { header: 'redirect', goesOn: true }, 'redirect'],
  ['its key is an x-api-key, and the account says supplier', { setting: 'supplier', hasApiKey: true }, 'direct'],
  ['its key is an x-api-key, and it stays on this host', { header: 'redirect', hasApiKey: true }, 'redirect']
]

describe('delivery, where', () => {
  test.each(table)('%s', (_name, asked, expected) => {
    expect(by(asked)).toBe(expected)
  })

  test('nobody knows the mode: the field is named', () => {
    for (const header of ['post', '']) expect(() => by({ header })).toThrow(Fault)
  })

  test('a supplier was asked for, who would see the x-api-key: the field is named', () => {
    for (const goesOn of [false, true]) {
      expect(() => by({ header: 'Supplier', hasApiKey: true, goesOn })).toThrow(expect.objectContaining({
        code: 'invalid', fields: { 'x-grid-delivery': [expect.stringContaining('x-api-key')] }
      }) as Error)
    }
  })
})
