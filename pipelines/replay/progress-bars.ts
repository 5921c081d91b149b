// How far a replay is, for a person: bars on a terminal, a line every few seconds elsewhere. Both go to standard error.

import cliProgress from 'cli-progress'

/** How many there are, and for each step by how many it was taken. */
export type Counts = { readonly total: number, readonly steps: Readonly<Record<string, number>> }

export type ProgressView = {
  show (counts: Counts): void
  stop (): void
}

const lineMs = 5000

/** `unit`: what is counted, such as messages. */
export function progressView (stream: NodeJS.WriteStream, unit: string): ProgressView {
  return stream.isTTY ? bars(stream, unit) : lines(stream, unit)
}

function bars (stream: NodeJS.WriteStream, unit: string): ProgressView {
  const multi = new cliProgress.MultiBar({
    stream,
    format: '{step} [{bar}] {percentage}% {value} of {total} {unit}, {duration_formatted}',
    hideCursor: true,
    autopadding: true,
    // It would take Ctrl-C for itself.
    gracefulExit: false
  })
  const made = new Map<string, cliProgress.SingleBar>()
  return {
    show: ({ total, steps }) => {
      const width = Math.max(...Object.keys(steps).map(({ length }) => length))
      for (const [step, count] of Object.entries(steps)) {
        const bar = made.get(step) ?? multi.create(total, 0, { step: step.padEnd(width), unit })
        made.set(step, bar)
        bar.update(count)
      }
    },
    stop: () => { multi.stop() }
  }
}

function lines (stream: NodeJS.WriteStream, unit: string): ProgressView {
  const began = performance.now()
  let shownAt = -Infinity
  return {
    show: ({ total, steps }) => {
      const now = performance.now()
      if (now - shownAt < lineMs) return
      shownAt = now
      const counts = Object.entries(steps).map(([step, count]) => `${step} ${count}`).join(', ')
      stream.write(`${((now - began) / 1000).toFixed(0)} s: of ${total} ${unit} ${counts}\n`)
    },
    stop: () => {}
  }
}
