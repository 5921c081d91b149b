// `npm test`: every test, on the real stack, with one line at the end that says how it went.
//
//   npm test                       everything
//   npm test -- test/pipelines     the files whose path holds one of these

import { fileURLToPath } from 'node:url'
import { createVitest, type TestModule } from 'vitest/node'

type Tally = { passed: number, failed: number, skipped: number }

// The tests start the market's processes some hundred times; compiled once, each costs half as much.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url))

process.exitCode = await run(process.argv.slice(2))

async function run (filters: string[]): Promise<number> {
  const vitest = await createVitest({ config: 'test/vitest.config.ts', run: true, watch: false })
  const interruption = new AbortController()
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(130)
    interruption.abort()
    vitest.cancelCurrentRun('keyboard-input').catch(console.error)
  }
  // Vitest's own listeners end the process at once, before the stack has been stopped.
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal).on(signal, interrupt)
  let tally = { passed: 0, failed: 0, skipped: 0 }
  try {
    const { testModules, unhandledErrors } = await vitest.start(filters)
    tally = count(testModules)
    // What goes wrong outside of any test is a failure too: a promise nobody awaited, an end before the end.
    tally.failed += unhandledErrors.length + (interruption.signal.aborted ? 1 : 0)
  } catch (error) {
    console.error(error)
    tally.failed++
  }
  await vitest.close()
  return report(tally)
}

function count (modules: readonly TestModule[]): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0 }
  for (const module of modules) {
    // A file that can't be loaded has no tests to fail, and a hook that failed leaves its tests unrun.
    const suites = [module, ...module.children.allSuites()]
    tally.failed += suites.filter(suite => suite.errors().length > 0).length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') tally.passed++
      else if (state === 'failed') tally.failed++
      else tally.skipped++
    }
  }
  return tally
}

function report ({ passed, failed, skipped }: Tally): number {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  return failed === 0 ? 0 : 1
}
