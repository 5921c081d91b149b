import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSpool, SpoolFull, type Damage } from '../../../gateway/spool/spool.ts'
import { newFolder, textsOf } from './folder.ts'

const filesOf = (folder: string): string[] => readdirSync(folder).sort()

describe('a spool', () => {
  test('has what was appended and not acknowledged, in order, across restarts', () => {
    const folder = newFolder()
    const first = openSpool(folder)
    const entries = ['a', 'b', 'c'].map(text => first.append(Buffer.from(text)))
    first.acknowledge(entries[1]!)
    first.close()
    const second = openSpool(folder)
    expect(textsOf(second)).toEqual(['a', 'c'])
    expect(second.append(Buffer.from('d')).sequence).toBeGreaterThan(entries[2]!.sequence)
    second.close()
    const third = openSpool(folder)
    expect(textsOf(third)).toEqual(['a', 'c', 'd'])
    third.close()
  })

  test('keeps bytes of any kind, and none', () => {
    const folder = newFolder()
    const bytes = [Buffer.from([0, 10, 13, 255]), Buffer.alloc(0), Buffer.from('a\nb c\n')]
    const written = openSpool(folder, { isSynced: true })
    bytes.forEach(each => written.append(each))
    written.close()
    const read = openSpool(folder)
    expect(read.pending().map(entry => entry.bytes)).toEqual(bytes)
    read.close()
  })

  test('removes files of which all is acknowledged, and leaves nothing once all is', () => {
    const folder = newFolder()
    const spool = openSpool(folder, { segmentBytes: 50 })
    const entries = Array.from({ length: 20 }, (_, index) => spool.append(Buffer.from(`entry ${index}`)))
    const files = filesOf(folder).length
    expect(files).toBeGreaterThan(5)
    spool.acknowledge(...entries.slice(0, 10))
    expect(filesOf(folder).length).toBeLessThan(files)
    spool.acknowledge(...entries.slice(10), entries[0]!)
    spool.close()
    expect(filesOf(folder)).toEqual([])
  })

  test('takes no more than it may, nothing of what is too much, and again once there is room', () => {
    const folder = newFolder()
    const spool = openSpool(folder, { bytesMax: 60 })
    const entry = spool.append(Buffer.from('0123456789'))
    spool.append(Buffer.from('x'))
    const before = spool.bytes
    expect(() => spool.append(Buffer.from('0123456789'))).toThrow(SpoolFull)
    expect(spool.bytes).toBe(before)
    spool.acknowledge(entry, ...spool.pending())
    spool.append(Buffer.from('0123456789'))
    expect(textsOf(spool)).toEqual(['0123456789'])
    spool.close()
  })

  test('that is closed takes nothing', () => {
    const spool = openSpool(newFolder())
    const entry = spool.append(Buffer.from('a'))
    spool.close()
    spool.close()
    expect(() => spool.append(Buffer.from('b'))).toThrow('closed')
    expect(() => { spool.acknowledge(entry) }).toThrow('closed')
  })
})

describe('damage', () => {
  test('in the midst of a file costs one line, and is told', () => {
    const folder = newFolder()
    const spool = openSpool(folder)
    for (const text of ['first', 'second', 'third']) spool.append(Buffer.from(text))
    spool.close()
    const path = join(folder, filesOf(folder)[0]!)
    const content = readFileSync(path)
    const start = content.indexOf('\n') + 1
    content[start + 2] = content[start + 2]! ^ 1
    writeFileSync(path, content)
    const damages: Damage[] = []
    const read = openSpool(folder, { damaged: damage => { damages.push(damage) } })
    expect(textsOf(read)).toEqual(['first', 'third'])
    expect(damages).toEqual([{ file: path, offset: start, bytes: content.indexOf('\n', start) + 1 - start, isTorn: false }])
    read.close()
  })

  test('of a crash between removing records and their acknowledgements brings nothing back', () => {
    const folder = newFolder()
    const spool = openSpool(folder)
    spool.acknowledge(spool.append(Buffer.from('a')))
    spool.append(Buffer.from('b'))
    spool.close()
    rmSync(join(folder, '000000000001.log'))
    const read = openSpool(folder)
    expect(textsOf(read)).toEqual([])
    read.append(Buffer.from('c'))
    expect(textsOf(read)).toEqual(['c'])
    read.close()
  })
})

type Step = { readonly text: string } | { readonly acknowledge: number }

const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 2, arbitrary: fc.record({ text: fc.string({ maxLength: 12 }) }) },
  fc.record({ acknowledge: fc.nat(8) })
), { minLength: 1, maxLength: 12 })

/** A crash after so many bytes of one of its files: a copy of the folder in which the file is that long. */
function crashed (from: string, cut: string, bytes: number): string {
  const to = newFolder()
  for (const name of filesOf(from)) copyFileSync(join(from, name), join(to, name))
  writeFileSync(join(to, cut), readFileSync(join(from, cut)).subarray(0, bytes))
  return to
}

test('a crash at any byte of a file loses only what was not written whole, and what comes after is whole', () => {
  fc.assert(fc.property(steps, fc.constantFrom(40, 10_000), (all, segmentBytes) => {
    const folder = newFolder()
    const spool = openSpool(folder, { segmentBytes })
    const pending: string[] = []
    for (const step of all) {
      const entry = 'acknowledge' in step ? spool.pending()[step.acknowledge] : undefined
      if (entry !== undefined) spool.acknowledge(entry)
      if ('text' in step) spool.append(Buffer.from(step.text))
    }
    pending.push(...textsOf(spool))
    const names = filesOf(folder).filter(each => each.endsWith('.log'))
    const last = names.at(-1)
    if (last === undefined) {
      spool.close()
      return
    }
    const content = readFileSync(join(folder, last))
    for (let bytes = 0; bytes <= content.length; bytes += 1) {
      const damages: Damage[] = []
      const copy = crashed(folder, last, bytes)
      rmSync(join(copy, 'lock'), { force: true })
      const read = openSpool(copy, { segmentBytes, damaged: damage => { damages.push(damage) } })
      const kept = textsOf(read)
      expect(kept).toEqual(pending.slice(0, kept.length))
      const isWhole = bytes === 0 || content[bytes - 1] === 0x0a
      expect(damages.map(({ isTorn }) => isTorn)).toEqual(isWhole ? [] : [true])
      if (bytes === content.length) expect(kept).toEqual(pending)
      read.append(Buffer.from('next'))
      read.close()
      const again = openSpool(copy)
      expect(textsOf(again)).toEqual([...kept, 'next'])
      again.close()
    }
    spool.close()
  }), { seed: 6, numRuns: 12 })
})

test('an acknowledgement that is torn costs one more sending, and no more', () => {
  const folder = newFolder()
  const spool = openSpool(folder)
  const [a, b] = ['a', 'b', 'c'].map(text => spool.append(Buffer.from(text)))
  spool.acknowledge(a!)
  spool.acknowledge(b!)
  spool.close()
  const content = readFileSync(join(folder, '000000000001.done'))
  const second = content.indexOf('\n') + 1
  for (let bytes = 0; bytes <= content.length; bytes += 1) {
    const read = openSpool(crashed(folder, '000000000001.done', bytes))
    expect(textsOf(read)).toEqual(bytes === content.length ? ['c'] : bytes >= second ? ['b', 'c'] : ['a', 'b', 'c'])
    read.acknowledge(...read.pending().filter(entry => entry.bytes.toString() === 'b'))
    expect(textsOf(read)).not.toContain('b')
    read.close()
  }
})

test('what a process has appended outlives its being killed', async () => {
  const folder = newFolder()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'appender.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  let enough = (): void => { /* Until it is waited for. */ }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.push(text)
    if (said.join('').length > 5000) enough()
  })
  await new Promise<void>(resolve => { enough = resolve })
  child.kill('SIGKILL')
  await once(child, 'close')
  const spool = openSpool(folder)
  const kept = textsOf(spool)
  const told = said.join('').split('\n').slice(0, -1).map(count => `entry ${count}`)
  expect(told.length).toBeGreaterThan(500)
  // It may have been killed between an entry and saying so, or before its acknowledgement.
  expect(kept.filter(text => Number(text.slice(6)) % 3 !== 0).slice(0, told.length)).toEqual(told)
  expect(kept.length).toBeLessThanOrEqual(told.length + 2)
  spool.close()
})
