// What a bench is given, and what it gives.

import type { BenchRow } from './row.ts'

export type BenchOptions = {
  /** Little input and one round: shows that a bench works, and no figure worth keeping. */
  readonly small: boolean
  /** Where the servers are. */
  readonly env: NodeJS.ProcessEnv
  /** For logs and whatever else goes with the run. */
  readonly dir: string
  readonly progress: (line: string) => void
}

export type Bench = {
  readonly name: string
  /** False for one that does without servers, or starts its own. */
  readonly needsStack: boolean
  readonly run: (options: BenchOptions) => Promise<BenchRow[]>
}
