// Who may import whom, what a core may not touch, and what keeps the rooms tidy. Think twice before the table below is
// changed to let something through: it is the design, not a description of what happens to be there.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

type Rule = {
  /** A file, or a folder and all below it. The first rule that fits a file is the one that counts. */
  readonly of: string
  /** What it may import of ours beside its own folder. A core sees `schemas` and nothing else. */
  readonly sees: readonly string[]
  /** Packages by name; `node:*` for all of Node's own. */
  readonly packages: readonly string[]
}

const node = 'node:*'
const runtime = ['pipelines/runtime/']
// The port and what goes with it, not the one implementation that knows a broker.
const runtimePort = (file: string): boolean => !file.startsWith('pipelines/runtime/kafka/')

const rules: readonly Rule[] = [
  { of: 'schemas/registry.ts', sees: [], packages: ['@kafkajs/confluent-schema-registry'] },
  { of: 'schemas/', sees: [], packages: ['avsc', 'node:assert/strict', 'node:fs', 'node:path'] },
  { of: 'analytics/client.ts', sees: ['schemas/'], packages: [node, '@clickhouse/client'] },
  { of: 'analytics/failure.ts', sees: ['schemas/'], packages: [node, '@clickhouse/client'] },
  { of: 'analytics/migrate.ts', sees: ['schemas/'], packages: [node, '@clickhouse/client'] },
  { of: 'analytics/', sees: ['schemas/'], packages: [node] },
  { of: 'pipelines/runtime/kafka/', sees: ['schemas/', ...runtime], packages: [node, 'kafkajs', 'pino'] },
  { of: 'pipelines/runtime/', sees: ['schemas/'], packages: ['node:crypto', 'zod'] },
  { of: 'pipelines/matching/stage.ts', sees: ['schemas/', 'pipelines/runtime/stage.ts'], packages: ['node:crypto'] },
  { of: 'pipelines/matching/', sees: ['schemas/'], packages: ['node:assert/strict'] },
  { of: 'pipelines/ledger/stage.ts', sees: ['schemas/', 'pipelines/runtime/stage.ts'], packages: ['node:crypto'] },
  { of: 'pipelines/ledger/', sees: ['schemas/'], packages: ['node:assert/strict'] },
  { of: 'pipelines/metering/stage.ts', sees: ['schemas/', 'pipelines/runtime/stage.ts'], packages: ['node:crypto'] },
  { of: 'pipelines/metering/', sees: ['schemas/'], packages: ['node:assert/strict'] },
  { of: 'pipelines/identities/', sees: ['schemas/'], packages: [node] },
  { of: 'pipelines/suppliers/', sees: ['schemas/'], packages: ['node:crypto'] },
  { of: 'pipelines/sinks/', sees: ['schemas/', 'analytics/', ...runtime], packages: ['node:assert/strict'] },
  { of: 'pipelines/jobs/', sees: ['schemas/', 'analytics/', 'pipelines/sinks/', ...runtime], packages: [node, 'pino', 'prom-client'] },
  // The supervisor keeps processes running, whatever they are.
  { of: 'pipelines/supervisor/', sees: [], packages: [node] },
  // Main files and those that start, like them, other processes: they see everything.
  { of: 'pipelines/main.ts', sees: ['schemas/', 'analytics/', 'pipelines/'], packages: [node, 'prom-client'] },
  { of: 'pipelines/admin/', sees: ['schemas/', 'analytics/', 'pipelines/'], packages: [node, 'commander', 'zod'] },
  { of: 'pipelines/start.ts', sees: ['schemas/', 'pipelines/', 'docker/local/'], packages: [node, 'pino'] },
  { of: 'pipelines/replay/main.ts', sees: ['schemas/', 'analytics/', 'pipelines/', 'docker/local/'], packages: [node] },
  // A backup takes topics and schemas as they are, and makes them again: it knows the broker.
  { of: 'pipelines/backup/', sees: ['schemas/', 'pipelines/'], packages: [node, 'kafkajs', 'zod'] },
  // A replay and the demo are clients of a whole market, and judge it from outside.
  { of: 'pipelines/replay/', sees: ['schemas/', 'analytics/', 'pipelines/'], packages: [node, 'cli-progress', 'prom-client'] },
  { of: 'pipelines/demo/', sees: ['schemas/', 'pipelines/'], packages: [node, 'pino', 'prom-client', 'zod'] },
  // The wiring of a process. Only `context.ts` connects to a broker.
  { of: 'pipelines/process/context.ts', sees: ['schemas/', ...runtime], packages: [node, 'kafkajs', 'pino', 'prom-client'] },
  { of: 'pipelines/process/', sees: ['schemas/', ...runtime], packages: [node, 'prom-client'] },
  { of: 'pipelines/', sees: ['schemas/', 'pipelines/'], packages: [node, 'pino', 'prom-client'] },
  { of: 'gateway/main.ts', sees: ['schemas/', 'analytics/', 'pipelines/', 'gateway/'], packages: [node, 'zod'] },
  { of: 'gateway/process/', sees: ['schemas/', 'analytics/', 'pipelines/', 'gateway/'], packages: [node, 'zod'] },
  { of: 'gateway/adapters/consume.ts', sees: ['schemas/', 'analytics/', 'pipelines/', 'gateway/'], packages: [node] },
  // Pure: words in, words out; endpoints, requests and time in, a choice or a refusal out.
  { of: 'gateway/surfaces/', sees: ['schemas/'], packages: ['node:crypto', 'zod'] },
  { of: 'gateway/routing/', sees: ['schemas/'], packages: ['node:assert/strict'] },
  { of: 'gateway/limits/', sees: ['schemas/'], packages: ['node:assert/strict', 'ipaddr.js'] },
  { of: 'gateway/tokenizer/', sees: [], packages: [node, 'gpt-tokenizer'] },
  { of: 'gateway/spool/', sees: [], packages: [node] },
  { of: 'gateway/tickets/', sees: ['schemas/', 'gateway/surfaces/'], packages: [node, 'zod'] },
  { of: 'gateway/serving/', sees: ['schemas/', 'gateway/surfaces/'], packages: [node] },
  { of: 'gateway/relay/', sees: ['schemas/', 'gateway/surfaces/'], packages: [node, 'undici'] },
  // What a supplier runs knows nothing of the market's insides.
  { of: 'gateway/edge/simulated/', sees: [], packages: [node, 'zod'] },
  {
    of: 'gateway/edge/',
    sees: [
      'schemas/', 'gateway/surfaces/', 'gateway/relay/', 'gateway/tickets/', 'gateway/spool/', 'gateway/tokenizer/',
      'gateway/serving/', 'gateway/log.ts', 'gateway/metrics.ts', 'gateway/http/media-types.ts',
      'pipelines/process/parent.ts'
    ],
    packages: [node, 'pino', 'prom-client', 'undici', 'zod']
  },
  {
    of: 'gateway/',
    sees: [
      'schemas/', 'analytics/', 'pipelines/matching/', 'pipelines/ledger/', 'pipelines/identities/', 'pipelines/suppliers/',
      ...runtime, 'gateway/'
    ],
    packages: [
      node, 'ipaddr.js', 'koa', '@koa/router', 'pino', 'prom-client', 'rate-limiter-flexible', 'swagger-ui-dist', 'undici',
      'zod', 'zod-openapi'
    ]
  },
  { of: 'docker/', sees: [], packages: [node, 'ffi-rs'] }
]

/** Who may know how the port to the log is made: the rest of the product has it handed to it. */
const seesBroker = ['pipelines/runtime/kafka/', 'pipelines/process/context.ts', 'pipelines/start.ts', 'pipelines/provide.ts', 'pipelines/backup/', 'pipelines/replay/']

// Longer than a file may be, and why.
const long: Record<string, string> = {
  'test/properties/book-naive.ts': 'the rules of matching a second time, whole, in one place'
}

const product = ['schemas', 'analytics', 'pipelines', 'gateway', 'docker']

const filesOf = (folder: string): string[] => readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))

const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const sources = product.flatMap(filesOf).filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts')).sort()
const everything = [...sources, ...filesOf('test').filter(file => file.endsWith('.ts'))]

/** What a file names in imports of any kind; those of ours as paths from the root. */
function importsOf (file: string): { ours: string[], packages: string[] } {
  const named = ts.preProcessFile(read(file), true, true).importedFiles.map(({ fileName }) => fileName)
  const ours = named.filter(name => name.startsWith('.')).map(name => normalize(join(dirname(file), name)))
  return { ours, packages: named.filter(name => !name.startsWith('.')) }
}

const ruleOf = (file: string): Rule | undefined => rules.find(({ of }) => of.endsWith('/') ? file.startsWith(of) : file === of)
const folderOf = (rule: Rule): string => rule.of.endsWith('/') ? rule.of : `${dirname(rule.of)}/`
const packageOf = (name: string): string => name.startsWith('node:') ? name : name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/')

describe('imports', () => {
  test.each(sources)('of %s are those that its room may have', file => {
    const rule = ruleOf(file)!
    const { ours, packages } = importsOf(file)
    const mayName = (name: string): boolean => rule.packages.includes(packageOf(name)) || (name.startsWith('node:') && rule.packages.includes(node))
    // A file's own folder, but for the root of the pipelines, whose rooms are told apart by the table.
    const own = rule.of === 'pipelines/' ? [] : [folderOf(rule)]
    const maySee = (other: string): boolean => [...rule.sees, ...own].some(place => other.startsWith(place)) &&
      (runtimePort(other) || seesBroker.some(place => file.startsWith(place)))
    expect(packages.filter(name => !mayName(name))).toEqual([])
    expect(ours.filter(other => !maySee(other))).toEqual([])
  })

  test('of the runtime go from the broker\'s side to the port, never back', () => {
    const inner = sources.filter(file => file.startsWith('pipelines/runtime/') && runtimePort(file))
    expect(inner.filter(file => importsOf(file).ours.some(other => !runtimePort(other)))).toEqual([])
  })

  test('of a stage take types only from the runtime', () => {
    for (const file of sources.filter(name => /^pipelines\/\w+\/stage\.ts$/.test(name) && !name.startsWith('pipelines/runtime/'))) {
      const lines = read(file).split('\n').filter(line => /from '\.\.\/runtime\//.test(line))
      expect(lines.filter(line => !line.startsWith('import type '))).toEqual([])
    }
  })

  test('name files that are there', () => {
    const missing = everything.flatMap(file => importsOf(file).ours.filter(other => !existsSync(join(root, other))).map(other => `${file}: ${other}`))
    expect(missing).toEqual([])
  })

  test('of the product never reach into the tests', () => {
    expect(sources.filter(file => importsOf(file).ours.some(other => other.startsWith('test/')))).toEqual([])
  })
})

/** The nodes of a graph that lie on a circle, as one circle, or nothing. */
function circle (graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): string[] => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return []
    for (const next of graph.get(name) ?? []) {
      const found = visit(next, [...path, name])
      if (found.length > 0) return found
    }
    done.add(name)
    return []
  }
  return [...graph.keys()].map(name => visit(name, [])).find(found => found.length > 0) ?? []
}

/** A folder that has a README of what it owns; folders within it are parts of it. The pipelines are a room a stage. */
const roomOf = (file: string): string => /^(pipelines\/[^/]+)\/|^[^/]+/.exec(file)!.slice(1).find(Boolean) ?? file.split('/')[0]!

describe('there is no circle', () => {
  test('of files', () => {
    expect(circle(new Map(sources.map(file => [file, new Set(importsOf(file).ours)])))).toEqual([])
  })

  test('of rooms', () => {
    const graph = new Map<string, Set<string>>()
    for (const file of sources) {
      const room = roomOf(file)
      const seen = graph.get(room) ?? new Set()
      for (const other of importsOf(file).ours.map(roomOf)) if (other !== room) seen.add(other)
      graph.set(room, seen)
    }
    expect(graph.size).toBeGreaterThan(5)
    expect(circle(graph)).toEqual([])
  })

  test('that would not be found', () => {
    expect(circle(new Map([['a', new Set(['b'])], ['b', new Set(['c', 'd'])], ['c', new Set()], ['d', new Set(['b'])]]))).toEqual(['b', 'd', 'b'])
  })
})

// What would make a core's outcome depend on anything but its log.
const outside = new Set([
  'Date', 'process', 'performance', 'console', 'globalThis', 'fetch', 'crypto', 'Intl', 'Promise', 'setTimeout', 'setInterval',
  'setImmediate', 'queueMicrotask', 'structuredClone', 'WeakRef', 'FinalizationRegistry'
])

/** What a source touches that a core must not. */
function touches (text: string): string[] {
  const found: string[] = []
  const visit = (item: ts.Node): void => {
    const isMember = ts.isPropertyAccessExpression(item.parent) && item.parent.name === item
    const isName = ts.isPropertyAssignment(item.parent) && item.parent.name === item
    // A date that is made of an instant is a way of writing it.
    const made = ts.isNewExpression(item.parent) && item.parent.expression === item ? item.parent.arguments : undefined
    const isMade = made !== undefined && made.length > 0
    if (ts.isIdentifier(item) && outside.has(item.text) && !isMember && !isName && !isMade) found.push(item.text)
    if (ts.isPropertyAccessExpression(item) && /^Math\.random$/.test(item.getText())) found.push('Math.random')
    if (item.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(item)) found.push('async')
    if (item.kind === ts.SyntaxKind.ImportKeyword && ts.isCallExpression(item.parent)) found.push('import()')
    ts.forEachChild(item, visit)
  }
  const file = ts.createSourceFile('core.ts', text, ts.ScriptTarget.Latest, true)
  ts.forEachChild(file, visit)
  return found
}

describe('a core', () => {
  const cores = sources.filter(file => /^(pipelines\/(matching|ledger|metering)|gateway\/(surfaces|routing|limits))\//.test(file))

  test.each(cores)('%s knows no clock, chance, environment, and waits for nothing', file => {
    expect(touches(read(file))).toEqual([])
  })

  test('that does would be found', () => {
    const text = 'const a = Date.now() + new Date() + Math.random(); async function f () { await process.env; setTimeout(f); await import("x") }; b.process = { Date: 1 }'
    expect(touches(text).sort()).toEqual(['Date', 'Date', 'Math.random', 'async', 'async', 'async', 'import()', 'process', 'setTimeout'])
  })

  test('is around one that is synchronous, too: the machine', () => {
    const around = ['machine', 'origin', 'command', 'stage-clock', 'control', 'dead-letters', 'stage', 'stop'].map(name => `pipelines/runtime/${name}.ts`)
    for (const file of around) expect(touches(read(file)), file).toEqual([])
  })
})

describe('rooms are tidy', () => {
  test('every folder says what it owns, or its parent does for it, on a page', () => {
    const folders = [...new Set(sources.map(file => dirname(file)))]
    const rooms = [...new Set(folders.map(folder => roomOf(`${folder}/`)))]
    for (const room of rooms) expect(read(join(room, 'README.md')), room).toMatch(/\b[Oo]wns\b/)
    const pages = product.flatMap(filesOf).filter(file => file.endsWith('README.md'))
    expect(pages.filter(file => read(file).split('\n').length > 71)).toEqual([])
  })

  test('no file is longer than 300 lines, but those that say why', () => {
    const tooLong = everything.filter(file => read(file).split('\n').length > 301)
    expect(tooLong).toEqual(Object.keys(long))
  })

  test('files are called by a noun, in lower case', () => {
    expect(everything.filter(file => !/^[a-z][a-z\d]*(-[a-z\d]+)*(\.stack)?(\.test|\.config)?(\.d)?\.ts$/.test(file.split('/').at(-1)!))).toEqual([])
    expect(everything.filter(file => /\b(utils?|helpers?|misc|common|manager|handler)\b/.test(file))).toEqual([])
  })

  test('nothing is left for later', () => {
    const later = new RegExp(['TO', 'DO|FIX', 'ME|X', 'XX'].join(''))
    const texts = [...everything, ...product.flatMap(filesOf).filter(file => /\.(md|sql|yml|xml)$/.test(file))]
    expect(texts.filter(file => later.test(read(file)))).toEqual([])
  })

  test('every test file stands for something that is there', () => {
    const mirrored = filesOf('test').filter(file => /^test\/(schemas|analytics|pipelines|gateway|docker)\/.*\.test\.ts$/.test(file))
    const source = (file: string): string => file.slice('test/'.length).replace(/(\.stack)?\.test\.ts$/, '')
    const orphans = mirrored.filter(file => !sources.includes(`${source(file)}.ts`) && !existsSync(join(root, dirname(source(file)))))
    expect(orphans).toEqual([])
  })
})
