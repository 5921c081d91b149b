// Two projects, so that a test that needs no server waits for none: `stack` has Kafka, the registry and ClickHouse
// started for it, once a run, and `unit` is everything else. Only a project with a test to run is set up.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const needsStack = ['test/integration/**/*.test.ts', 'test/**/*.stack.test.ts']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    pool: 'forks',
    // One more than the cores that there are at least: tests on the stack wait as much as they work.
    maxWorkers: 3,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: needsStack, testTimeout: 30_000, hookTimeout: 60_000 }
      },
      {
        extends: true,
        test: {
          name: 'stack',
          include: needsStack,
          globalSetup: 'test/support/global-stack.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000
        }
      }
    ]
  }
})
