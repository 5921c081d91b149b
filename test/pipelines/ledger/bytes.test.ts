import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../pipelines/ledger/bytes.ts'

const small = [0, 1, 127, 128, 16_383, 16_384]
const numbers = [...small, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 1_700_000_000_000, Number.MAX_SAFE_INTEGER]
const signed = [0, -1, 1, -128, 2 ** 40, -(2 ** 40), 2 ** 52 - 1, -(2 ** 52) + 1]

test('what is written is read again, in as few bytes as it needs', () => {
  const writer = new ByteWriter()
  for (const number of numbers) writer.number(number)
  for (const number of signed) writer.signed(number)
  for (const text of ['', 'text-prime', 'ünï', 'x'.repeat(10_000)]) writer.text(text)
  writer.bytes(Uint8Array.of(1, 2, 3))
  const reader = new ByteReader(writer.written())
  expect(numbers.map(() => reader.number())).toEqual(numbers)
  expect(signed.map(() => reader.signed())).toEqual(signed)
  expect([0, 1, 2, 3].map(() => reader.text().length)).toEqual([0, 10, 3, 10_000])
  expect(reader.bytes()).toEqual(Uint8Array.of(1, 2, 3))
  reader.end()
  const two = new ByteWriter()
  two.number(127)
  two.number(128)
  expect(two.written().length).toBe(3)
})

test.each([-1, 1.5, 2 ** 53, Number.NaN])('%d is no number of a snapshot', number => {
  expect(() => { new ByteWriter().number(number) }).toThrow('no number of a snapshot')
})

test('bytes that end too soon, or too late, are told', () => {
  expect(() => new ByteReader(Uint8Array.of(0x80)).number()).toThrow('does not end')
  expect(() => new ByteReader(new Uint8Array(9).fill(0x80)).number()).toThrow('does not end')
  expect(() => new ByteReader(Uint8Array.of(5, 1)).text()).toThrow('past the end')
  expect(() => { new ByteReader(Uint8Array.of(5)).end() }).toThrow('left over')
})
