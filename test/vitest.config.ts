// Several projects, so that a test that needs no server waits for none: `stack` has Kafka, the registry and ClickHouse
// started for it, once a run; the others need nothing. Only a project with a test to run is set up.
//
// Files of `gateway` follow one another in a process: to load the same modules for each took a quarter of their time.
// Nothing of theirs may change what is shared in a process, such as the table of instruments.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const needsStack = ['test/integration/**/*.test.ts', 'test/**/*.stack.test.ts']
const ofGateway = ['test/gateway/**/*.test.ts']
const patience = { testTimeout: 30_000, hookTimeout: 60_000 }

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
        test: { name: 'gateway', include: ofGateway, exclude: needsStack, isolate: false, ...patience }
      },
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...needsStack, ...ofGateway], ...patience }
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
