// How far a replay is, for a person: bars on a terminal, a line every few seconds elsewhere. Both go to standard error.

import cliProgress from 'cli-progress'
import type { Progress } from './watch.ts'

export type ProgressView = {
  show (progress: Progress): void
  stop (): void
}

const lineMs = 5000
const steps = ['sent', 'matched', 'stored'] as const

export function progressView (stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY ? bars(stream) : lines(stream)
}

function bars (stream: NodeJS.WriteStream): ProgressView {
  const multi = new cliProgress.MultiBar({
    stream,
    format: '{step} [{bar}] {percentage}% {value} of {total} messages, {duration_formatted}',
    hideCursor: true,
    autopadding: true,
    // It would take Ctrl-C for itself.
    gracefulExit: false
  })
  const made = new Map<string, cliProgress.SingleBar>()
  return {
    show: progress => {
      for (const step of steps) {
        const bar = made.get(step) ?? multi.create(progress.messages, 0, { step: step.padEnd(7) })
        made.set(step, bar)
        bar.update(progress[step])
      }
    },
    stop: () => { multi.stop() }
  }
}

function lines (stream: NodeJS.WriteStream): ProgressView {
  const began = performance.now()
  let shownAt = -Infinity
  return {
    show: progress => {
      const now = performance.now()
      if (now - shownAt < lineMs) return
      shownAt = now
      const counts = steps.map(step => `${step} ${progress[step]}`).join(', ')
      stream.write(`${((now - began) / 1000).toFixed(0)} s: of ${progress.messages} messages ${counts}\n`)
    },
    stop: () => {}
  }
}
