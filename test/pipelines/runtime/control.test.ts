import { expect, test } from 'vitest'
import { activateVersionHeader, readControl, writeActivateVersion } from '../../../pipelines/runtime/control.ts'
import { accepted, halt } from './support.ts'

const activation = { kind: 'activate-version', version: 3, schemas: accepted } as const

test('an activation is read as it was written, whatever schema id it carries', () => {
  for (const id of [1, 7, 2 ** 31 - 1, -1]) {
    expect(readControl(activateVersionHeader, writeActivateVersion(activation, id))).toMatchObject(activation)
  }
})

test('a listing may be empty', () => {
  const none = { ...activation, schemas: [] }
  expect(readControl(activateVersionHeader, writeActivateVersion(none, 1))).toMatchObject({ version: 3, schemas: [] })
})

const whole = writeActivateVersion(activation, 1)

test.each([
  ['another header', Buffer.from('activate-versions'), whole],
  ['no header at all', Buffer.alloc(0), whole],
  ['no value', activateVersionHeader, null],
  ['an empty value', activateVersionHeader, Buffer.alloc(0)],
  ['a body that ends early', activateVersionHeader, whole.subarray(0, whole.length - 1)],
  ['bytes after the body', activateVersionHeader, Buffer.concat([whole, Buffer.of(0)])],
  ['a value that is not in the wire format', activateVersionHeader, Buffer.concat([Buffer.of(1), whole.subarray(1)])],
  ['another record', activateVersionHeader, halt],
  ['garbage that announces 2^40 schemas', activateVersionHeader, Buffer.from('00000000010280808080804000', 'hex')]
])('%s is not a control record', (_, header, value) => {
  expect(readControl(header, value)).toBeNull()
})
