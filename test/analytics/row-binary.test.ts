import { describe, expect, test } from 'vitest'
import { RowBinary } from '../../analytics/row-binary.ts'

function written (write: (to: RowBinary) => void): string {
  const rowBinary = new RowBinary()
  write(rowBinary)
  return rowBinary.bytes().toString('hex')
}

describe('numbers are little-endian, two\'s complement', () => {
  test.each([
    [0, '0000000000000000'], [1, '0100000000000000'], [-1, 'ffffffffffffffff'], [2 ** 32, '0000000001000000'], [2 ** 31, '0000008000000000'],
    [-(2 ** 32), '00000000ffffffff'], [-(2 ** 31) - 1, 'ffffff7fffffffff'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffff1f00'], [Number.MIN_SAFE_INTEGER, '010000000000e0ff']
  ])('Int64 %d', (value, hex) => {
    expect(written(to => to.int64(value))).toBe(hex)
  })

  test.each([
    [1n, '01000000000000000000000000000000'], [-1n, 'ffffffffffffffffffffffffffffffff'], [1n << 64n, '00000000000000000100000000000000'],
    [-(1n << 64n), '0000000000000000ffffffffffffffff'], [-(1n << 127n), '00000000000000000000000000000080']
  ])('Int128 %d', (value, hex) => {
    expect(written(to => to.int128(value))).toBe(hex)
  })

  test('Int32, DateTime and single bytes', () => {
    expect(written(to => to.int32(-2))).toBe('feffffff')
    expect(written(to => to.dateTime(1_700_000_000_000))).toBe('00f15365')
    expect(written(to => to.byte(255))).toBe('ff')
  })
})

describe('text', () => {
  test('has its length in bytes before it', () => {
    expect(written(to => to.string(''))).toBe('00')
    expect(written(to => to.string('aé'))).toBe('0361c3a9')
    expect(written(to => to.string('x'.repeat(300))).slice(0, 6)).toBe('ac0278')
    expect(written(to => to.nullableString(null))).toBe('01')
    expect(written(to => to.nullableString('a'))).toBe('000161')
  })

  test('a name is written as any text, the first time and every other', () => {
    expect(written(to => { to.name('ab'); to.name('é'); to.name('ab') })).toBe('02616202c3a9026162')
  })

  test('more names than are kept are still right', () => {
    const rowBinary = new RowBinary(64)
    const names = Array.from({ length: 3000 }, (_, index) => `name-${index}`)
    names.forEach(name => rowBinary.name(name))
    const expected = Buffer.concat(names.map(name => Buffer.from(`${String.fromCharCode(name.length)}${name}`)))
    expect(rowBinary.bytes().equals(expected)).toBe(true)
  })
})

describe('what does not fit is refused, never wrapped', () => {
  const refused: [string, (to: RowBinary) => void][] = [
    ['a fraction', to => to.int64(0.5)], ['2^53', to => to.int64(2 ** 53)], ['not a number', to => to.int64(NaN)],
    ['below zero', to => to.uint64(-1)], ['2^31 in 32 bits', to => to.int32(2 ** 31)], ['2^127', to => to.int128(1n << 127n)],
    ['256 in a byte', to => to.byte(256)], ['-1 in a byte', to => to.byte(-1)], ['half a second', to => to.dateTime(500)],
    ['1969', to => to.dateTime(-1000)], ['2106', to => to.dateTime(2 ** 32 * 1000)]
  ]
  test.each(refused)('%s', (_, write) => {
    const rowBinary = new RowBinary()
    expect(() => write(rowBinary)).toThrow()
    expect(rowBinary.length).toBe(0)
  })
})

test('it grows, and begins anew when it is cleared', () => {
  const rowBinary = new RowBinary(1)
  for (let round = 0; round < 2; round++) {
    for (let value = 0; value < 1000; value++) rowBinary.int64(value)
    expect(rowBinary.length).toBe(8000)
    expect(rowBinary.bytes().readBigInt64LE(7992)).toBe(999n)
    rowBinary.clear()
    expect(rowBinary.bytes()).toHaveLength(0)
  }
})
